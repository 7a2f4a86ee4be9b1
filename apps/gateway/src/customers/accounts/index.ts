export type { Session, SessionVerdict, SessionVerifier } from './session.ts';
export { hashToken, isTokenShaped, mintToken, type MintedToken } from './token.ts';
export { createSessionVerifier } from './verify-session.ts';
