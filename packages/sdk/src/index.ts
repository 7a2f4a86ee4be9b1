export { Sealgate, type SealgateOptions } from './client.ts';
export {
  APIConnectionError,
  APIError,
  APITimeoutError,
  AuthenticationError,
  ConflictError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitError,
  RequestAbortedError,
  SealgateError,
  ServerError,
  ServiceUnavailableError,
  TruncatedStreamError,
  type APIErrorFacts,
} from './errors.ts';
export type { Runtime } from './runtime.ts';
export { Stream } from './stream.ts';
export type { RequestOptions } from './transport.ts';
export type {
  Account,
  AccountChange,
  Deactivation,
  Locale,
  NewAccount,
  PasswordChange,
  PasswordReset,
  PersonalData,
  RecoveryCodes,
  Registration,
  Session,
  SessionTokens,
  SignedIn,
  SignIn,
  TwoFactorSetup,
  TwoFactorStatus,
} from './resources/account.ts';
export type {
  AlertDelivery,
  AlertEvent,
  AlertTest,
  ChangedOrganizationAlerts,
  OrganizationAlerts,
  OrganizationAlertsChange,
} from './resources/alert.ts';
export type { Answering } from './resources/answering.ts';
export type {
  AlertWebhookChange,
  ApiKey,
  ApiKeyChange,
  CacheChange,
  CacheSettings,
  ChangedApiKey,
  GeoPolicy,
  GeoPolicyChange,
  IssuedApiKey,
  KeyRotation,
  NewApiKey,
  SpendCapChange,
} from './resources/api-key.ts';
export type { Auth } from './resources/auth.ts';
export type {
  AutoTopUp,
  AutoTopUpChange,
  AutoTopUpSummary,
  Balance,
  Billing,
  BookedPlan,
  Checkout,
  Invoice,
  InvoiceLine,
  InvoiceSummary,
  LedgerEntry,
  LedgerKind,
  NewCheckout,
  Plan,
  PlanChange,
  PriceList,
  TokenPrice,
  UpgradeHint,
  UsageDay,
  UsageGroup,
  UsageParams,
  UsageReport,
  UsageTotals,
} from './resources/billing.ts';
export type { Chat, ChatCompletions } from './resources/chat.ts';
export type {
  AssistantMessage,
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionDelta,
  CompletionUsage,
  FinishReason,
  Logprobs,
  Nexevo,
  Route,
  RouteOption,
} from './resources/chat-answer.ts';
export type {
  AudioPart,
  ChatCompletionCreateParams,
  ChatCompletionCreateParamsBase,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
  ChatMessage,
  CustomTool,
  FilePart,
  FunctionTool,
  ImagePart,
  RefusalPart,
  ResponseFormat,
  SealgateFields,
  TextPart,
  ToolCall,
  ToolChoice,
} from './resources/chat-request.ts';
export type {
  Conversation,
  ConversationChange,
  ConversationDetail,
  ConversationListParams,
  Conversations,
  Message,
  Metadata,
  NewConversation,
  NewMessage,
} from './resources/conversations.ts';
export type { EmbeddingCreateParams, EmbeddingList, Embeddings } from './resources/embeddings.ts';
export type {
  Feedback,
  FeedbackDay,
  FeedbackSummary,
  FeedbackTally,
  FeedbackVotes,
  NewFeedback,
} from './resources/feedback.ts';
export type { ChargedPrice, Generation, Generations } from './resources/generations.ts';
export type { Keys } from './resources/keys.ts';
export type { List, Listing, PageParams } from './resources/listing.ts';
export type { Model, ModelList, Models } from './resources/models.ts';
export type {
  AuditEntry,
  CreatedOrganization,
  Invitation,
  Member,
  MemberChange,
  NewInvitation,
  NewOrganization,
  Organization,
  OrganizationChange,
  Organizations,
  OwnershipTransfer,
} from './resources/organizations.ts';
export type {
  CheckedProviderKey,
  NewProviderKey,
  Provider,
  ProviderKey,
  ProviderKeyChange,
  ProviderKeyRotation,
  ProviderList,
} from './resources/provider-key.ts';
export type {
  Estimate,
  ExplorationInsight,
  InsightParams,
  ModelInsight,
  PolicyInsight,
  Routing,
  RoutingInsight,
  RoutingTier,
  TierInsight,
  TrackRecord,
} from './resources/routing.ts';
