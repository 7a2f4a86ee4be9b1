export { createBreaker, type Breaker } from './breaker.ts';
export { type Catalogue, type TierName } from './catalogue.ts';
export { editMembers, findMembers, type JsonMember, type MemberEdit } from './json-members.ts';
export { ANY_TRUST } from './model.ts';
export type {
  Capability,
  Model,
  ProviderKind,
  Region,
  TokenPrice,
  Trust,
  Upstream,
  UpstreamTimeouts,
} from './model.ts';
export type { ChatCall, Provider, StreamTranslator, UpstreamRequest } from './provider.ts';
export { createProviders } from './providers/providers.ts';
export type { Exchange, ExchangeSink, Transport, UpstreamFailure } from './transport.ts';
export { createTransport, type TransportOptions } from './undici-transport.ts';
