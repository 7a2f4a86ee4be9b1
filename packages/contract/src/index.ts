export {
  Account,
  AccountChange,
  CodeProof,
  Deactivation,
  FullProof,
  PasswordChange,
  PasswordProof,
  PersonalData,
  RecoveryCodes,
  TwoFactorSetup,
  TwoFactorStatus,
  LOCALES,
  type Locale,
} from './accounts.ts';
export { AlertEvent, WEBHOOKS } from './alert-events.ts';
export {
  AlertDelivery,
  AlertDeliveryList,
  AlertTest,
  ChangedOrganizationAlerts,
  OrganizationAlerts,
  OrganizationAlertsChange,
} from './alerts.ts';
export {
  CookieSession,
  ForgottenPassword,
  NewAccount,
  PasswordReset,
  RefreshProof,
  RenewedSession,
  Registration,
  Session,
  SessionList,
  SessionTokens,
  SignedIn,
  SignedInByCookie,
  SignIn,
  StartedSession,
  TokenProof,
} from './auth.ts';
export {
  Balance,
  Ledger,
  LedgerEntry,
  UsageGroup,
  UsageQuery,
  UsageReport,
  UsageTable,
  UsageTotals,
} from './billing.ts';
export {
  CACHE_MODES,
  CACHE_SCOPES,
  CACHE_WISHES,
  CacheChange,
  CacheSettings,
  CacheWish,
  DEFAULT_CACHE,
  type CacheMode,
  type CacheScope,
} from './cache.ts';
export { ChatCompletion, ChatCompletionChunk, GenerationFacts } from './chat-answer.ts';
export { ChatRequest, JudgedChatRequest } from './chat-request.ts';
export {
  Conversation,
  ConversationChange,
  ConversationDetail,
  ConversationExport,
  ConversationList,
  ConversationMarkdown,
  Message,
  MessageList,
  NewConversation,
  NewMessage,
} from './conversations.ts';
export { EmbeddingList, EmbeddingsRequest, JudgedEmbeddingsRequest } from './embeddings.ts';
export {
  isCreation,
  TAGS,
  type Caller,
  type Content,
  type Endpoint,
  type EndpointAnswer,
  type Tag,
} from './endpoint.ts';
export { ENDPOINTS } from './endpoints.ts';
export { ErrorEnvelope, StreamError } from './error-envelope.ts';
export { Feedback, FeedbackSummary, FeedbackTally, NewFeedback } from './feedback.ts';
export { ChargedPrice, Generation } from './generations.ts';
export {
  IdempotencyHeaders,
  OrganizationHeaders,
  RateLimitHeaders,
  RetryHeaders,
  TraceHeaders,
  WebhookHeaders,
} from './headers.ts';
export { GEO_POLICIES, type GeoPolicy } from './geo-policy.ts';
export {
  AlertWebhookChange,
  ApiKey,
  ApiKeyChange,
  ApiKeyList,
  ChangedApiKey,
  GeoPolicyChange,
  IssuedApiKey,
  KeyRotation,
  NewApiKey,
  SpendCapChange,
} from './keys.ts';
export {
  AuditEntry,
  AuditLog,
  Invitation,
  InvitationList,
  Member,
  MemberChange,
  MemberList,
  NewInvitation,
} from './members.ts';
export { Invoice, InvoiceLine, InvoiceList, InvoiceSummary } from './invoices.ts';
export { Model, ModelFacts, ModelList } from './models.ts';
export {
  CreatedOrganization,
  NewOrganization,
  Organization,
  OrganizationChange,
  OrganizationList,
  OwnershipTransfer,
} from './organizations.ts';
export {
  AutoTopUp,
  AutoTopUpChange,
  AutoTopUpSummary,
  Checkout,
  NewCheckout,
  StripeEventReceipt,
} from './payments.ts';
export {
  BookedPlan,
  Plan,
  PlanChange,
  PlanList,
  PriceList,
  TokenPrice,
  UpgradeHint,
} from './plans.ts';
export {
  CheckedProviderKey,
  NewProviderKey,
  Provider,
  ProviderKey,
  ProviderKeyChange,
  ProviderKeyList,
  ProviderKeyRotation,
  ProviderList,
} from './provider-keys.ts';
export { REFUSALS, type RefusalCode, type RefusalRow } from './refusals.ts';
export { ACTIONS, mayDo, outranks, ROLES, type Action, type Role } from './roles.ts';
export {
  Estimate,
  ExplorationInsight,
  InsightQuery,
  ModelInsight,
  PolicyInsight,
  RoutingInsight,
  TierInsight,
} from './routing.ts';
export { SCHEMAS } from './schemas.ts';
export { SDK_CALLS } from './sdk-calls.ts';
export { SealedAnswer, SealedRequest } from './sealed.ts';
export {
  nanoUsd,
  parsePricePerMillion,
  parseUsd,
  picoUsdPerToken,
  printPricePerMillion,
  printUsd,
  type NanoUsd,
  type PicoUsdPerToken,
} from './usd.ts';
