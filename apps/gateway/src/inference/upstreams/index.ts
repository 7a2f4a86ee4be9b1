export { BUNDLED_UPSTREAM_ID, type Tiers } from './build-catalogue.ts';
export { LOCAL_SERVERS } from './discover.ts';
export { bundledModels } from './bundled-models.ts';
export { type Catalogue, type TierName } from './catalogue.ts';
export type { ModelDefinition, UpstreamDefinition } from './definition.ts';
export { editMembers, findMembers, type MemberEdit } from './json-members.ts';
export type { HealthEvent } from './health/event.ts';
export { limitIn, type ResponseHeaders } from './health/rate-limit-headers.ts';
export type { Outlook } from './health/outlook.ts';
export type { Pass, PassEnding } from './health/pass.ts';
export type { Closure, HealthState, ModelReading, UpstreamReading } from './health/reading.ts';
export { DEFAULT_RESILIENCE, type ResilienceSettings } from './health/settings.ts';
export { UpstreamHealth } from './health/upstream-health.ts';
export { KNOWN_PROVIDERS, outputLimitFieldAt } from './known-providers.ts';
export { ANY_TRUST } from './model.ts';
export type {
  Capability,
  KeyOwner,
  Model,
  OutputLimitField,
  ProviderKind,
  Region,
  Trust,
  Upstream,
  UpstreamKey,
  UpstreamTimeouts,
} from './model.ts';
export { compareCatalogues, type CatalogueChanges } from './price-catalogue/compare.ts';
export {
  CATALOGUE_DECIMALS,
  PriceCatalogueFile,
  priceCatalogueJsonSchema,
} from './price-catalogue/file.ts';
export { createPriceBook, type PriceBook } from './price-catalogue/price-book.ts';
export { SHIPPED_CATALOGUE_PATH } from './price-catalogue/shipped.ts';
export {
  openCatalogue,
  type CatalogueOptions,
  type LiveCatalogue,
  type OwnKeySetting,
} from './open-catalogue.ts';
export { createProviderDirectory } from './own-keys/provider-directory.ts';
export { unlistedModel } from './own-keys/unlisted-model.ts';
export { isSameWay, waysTo, type Ways } from './own-keys/ways-to.ts';
export {
  errorMessageWithout,
  withKey,
  type ChatCall,
  type Provider,
  type StreamTranslator,
  type UpstreamRequest,
} from './provider.ts';
export { createProviders } from './providers/providers.ts';
export type { Exchange, ExchangeSink, Transport, UpstreamFailure } from './transport.ts';
export { createTransport, type TransportOptions } from './undici-transport.ts';
