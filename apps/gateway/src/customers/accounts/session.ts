export type SessionVerdict =
  | { readonly kind: 'valid'; readonly session: Session }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired' };

/** A person who signed in. */
export interface Session {
  readonly id: string;
  readonly userId: string;
}

export interface SessionVerifier {
  /** Whose access token it is. Throws `Refusal('service_unavailable')` when the database cannot be asked. */
  verify(token: string): Promise<SessionVerdict>;
}
