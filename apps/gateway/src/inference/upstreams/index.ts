export { createBreaker, type Breaker } from './breaker.ts';
export { BUNDLED_UPSTREAM_ID, type Tiers } from './build-catalogue.ts';
export { LOCAL_SERVERS } from './discover.ts';
export { bundledModels } from './bundled-models.ts';
export { type Catalogue, type TierName } from './catalogue.ts';
export type { ModelDefinition, UpstreamDefinition } from './definition.ts';
export { editMembers, type MemberEdit } from './json-members.ts';
export { KNOWN_PROVIDERS, outputLimitFieldAt } from './known-providers.ts';
export { ANY_TRUST } from './model.ts';
export type {
  Capability,
  Model,
  OutputLimitField,
  ProviderKind,
  Region,
  Trust,
  Upstream,
  UpstreamTimeouts,
} from './model.ts';
export { openCatalogue, type CatalogueOptions, type LiveCatalogue } from './open-catalogue.ts';
export type { ChatCall, Provider, StreamTranslator, UpstreamRequest } from './provider.ts';
export { createProviders } from './providers/providers.ts';
export type { Exchange, ExchangeSink, Transport, UpstreamFailure } from './transport.ts';
export { createTransport, type TransportOptions } from './undici-transport.ts';
