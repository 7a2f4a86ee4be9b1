import type * as contract from '@sealgate/contract';
import { describe, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type * as sdk from './index.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  EmbeddingCreateParams,
  List,
  Model,
  ModelList,
  Nexevo,
  SealgateFields,
} from './index.ts';

/** Without the index signature of objects that pass unknown fields on. */
type Known<T> = {
  [Key in keyof T as string extends Key ? never : Key]: T[Key];
};

/** What a caller writes may be as constant as it likes. */
type Written<T> = T extends readonly (infer Item)[]
  ? readonly Written<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Written<T[Key]> }
    : T;

type Request<Schema extends z.ZodType> = Written<z.input<Schema>>;

describe('the types, which `npm run types` checks, fit the contract:', () => {
  test('what the server says about an answer', () => {
    expectTypeOf<contract.GenerationFacts>().toExtend<Nexevo>();
    expectTypeOf<keyof Nexevo>().toEqualTypeOf<keyof contract.GenerationFacts>();
    expectTypeOf<contract.ChatCompletion['nexevo']>().toExtend<
      NonNullable<ChatCompletion['nexevo']>
    >();
    expectTypeOf<contract.ChatCompletionChunk['nexevo']>().toExtend<
      ChatCompletionChunk['nexevo']
    >();
  });

  test('what the server says about a model', () => {
    expectTypeOf<contract.Model>().toExtend<Model>();
    expectTypeOf<contract.ModelList>().toExtend<ModelList>();
  });

  test('Sealgate’s own fields of a chat request', () => {
    type Own = Pick<
      Known<contract.ChatRequest>,
      'models' | 'max_price' | 'provider' | 'explore' | 'learn' | 'cache'
    >;
    expectTypeOf<keyof SealgateFields>().toEqualTypeOf<keyof Own>();
  });

  test('an embeddings request', () => {
    expectTypeOf<keyof EmbeddingCreateParams>().toEqualTypeOf<
      keyof Known<contract.EmbeddingsRequest>
    >();
  });

  test('organizations', () => {
    expectTypeOf<sdk.Organization>().toEqualTypeOf<contract.Organization>();
    expectTypeOf<sdk.CreatedOrganization>().toEqualTypeOf<contract.CreatedOrganization>();
    expectTypeOf<List<sdk.Organization>>().toEqualTypeOf<contract.OrganizationList>();
    expectTypeOf<sdk.NewOrganization>().toEqualTypeOf<Request<typeof contract.NewOrganization>>();
    expectTypeOf<sdk.OrganizationChange>().toEqualTypeOf<
      Request<typeof contract.OrganizationChange>
    >();
    expectTypeOf<sdk.OwnershipTransfer>().toEqualTypeOf<
      Request<typeof contract.OwnershipTransfer>
    >();
    expectTypeOf<List<sdk.Member>>().toEqualTypeOf<contract.MemberList>();
    expectTypeOf<sdk.MemberChange>().toEqualTypeOf<Request<typeof contract.MemberChange>>();
    expectTypeOf<sdk.NewInvitation>().toEqualTypeOf<Request<typeof contract.NewInvitation>>();
    expectTypeOf<List<sdk.Invitation>>().toEqualTypeOf<contract.InvitationList>();
    expectTypeOf<List<sdk.AuditEntry>>().toEqualTypeOf<contract.AuditLog>();
  });

  test('conversations', () => {
    expectTypeOf<sdk.NewConversation>().toEqualTypeOf<Request<typeof contract.NewConversation>>();
    expectTypeOf<sdk.ConversationChange>().toEqualTypeOf<
      Request<typeof contract.ConversationChange>
    >();
    expectTypeOf<sdk.NewMessage>().toEqualTypeOf<Request<typeof contract.NewMessage>>();
    expectTypeOf<List<sdk.Message>>().toEqualTypeOf<contract.MessageList>();
    expectTypeOf<List<sdk.Conversation>>().toEqualTypeOf<contract.ConversationList>();
    expectTypeOf<sdk.ConversationDetail>().toEqualTypeOf<contract.ConversationDetail>();
  });

  test('feedback and generations', () => {
    expectTypeOf<sdk.NewFeedback>().toEqualTypeOf<Request<typeof contract.NewFeedback>>();
    expectTypeOf<sdk.Feedback>().toEqualTypeOf<contract.Feedback>();
    expectTypeOf<sdk.FeedbackSummary>().toEqualTypeOf<contract.FeedbackSummary>();
    expectTypeOf<sdk.Generation>().toEqualTypeOf<contract.Generation>();
  });

  test('routing', () => {
    expectTypeOf<Written<sdk.InsightParams>>().toExtend<Request<typeof contract.InsightQuery>>();
    expectTypeOf<sdk.RoutingInsight>().toEqualTypeOf<contract.RoutingInsight>();
  });

  test('billing', () => {
    expectTypeOf<sdk.Balance>().toEqualTypeOf<contract.Balance>();
    expectTypeOf<Written<sdk.UsageParams>>().toExtend<Request<typeof contract.UsageQuery>>();
    expectTypeOf<sdk.UsageReport>().toEqualTypeOf<contract.UsageReport>();
    expectTypeOf<List<sdk.LedgerEntry>>().toEqualTypeOf<contract.Ledger>();
    expectTypeOf<sdk.BookedPlan>().toEqualTypeOf<contract.BookedPlan>();
    expectTypeOf<List<sdk.Plan>>().toEqualTypeOf<contract.PlanList>();
    expectTypeOf<sdk.PlanChange>().toEqualTypeOf<Request<typeof contract.PlanChange>>();
    expectTypeOf<sdk.UpgradeHint>().toEqualTypeOf<contract.UpgradeHint>();
    expectTypeOf<sdk.NewCheckout>().toEqualTypeOf<Request<typeof contract.NewCheckout>>();
    expectTypeOf<sdk.Checkout>().toEqualTypeOf<contract.Checkout>();
    expectTypeOf<sdk.AutoTopUp>().toEqualTypeOf<contract.AutoTopUp>();
    expectTypeOf<sdk.AutoTopUpChange>().toEqualTypeOf<Request<typeof contract.AutoTopUpChange>>();
    expectTypeOf<List<sdk.InvoiceSummary>>().toEqualTypeOf<contract.InvoiceList>();
    expectTypeOf<sdk.Invoice>().toEqualTypeOf<contract.Invoice>();
  });

  test('provider keys', () => {
    expectTypeOf<sdk.ProviderList>().toEqualTypeOf<contract.ProviderList>();
    expectTypeOf<sdk.NewProviderKey>().toEqualTypeOf<Request<typeof contract.NewProviderKey>>();
    expectTypeOf<sdk.ProviderKeyChange>().toEqualTypeOf<
      Request<typeof contract.ProviderKeyChange>
    >();
    expectTypeOf<sdk.ProviderKeyRotation>().toEqualTypeOf<
      Request<typeof contract.ProviderKeyRotation>
    >();
    expectTypeOf<List<sdk.ProviderKey>>().toEqualTypeOf<contract.ProviderKeyList>();
    expectTypeOf<sdk.CheckedProviderKey>().toEqualTypeOf<contract.CheckedProviderKey>();
  });

  test('keys', () => {
    expectTypeOf<sdk.NewApiKey>().toEqualTypeOf<Request<typeof contract.NewApiKey>>();
    expectTypeOf<sdk.ApiKeyChange>().toEqualTypeOf<Request<typeof contract.ApiKeyChange>>();
    expectTypeOf<sdk.SpendCapChange>().toEqualTypeOf<Request<typeof contract.SpendCapChange>>();
    expectTypeOf<sdk.AlertWebhookChange>().toEqualTypeOf<
      Request<typeof contract.AlertWebhookChange>
    >();
    expectTypeOf<sdk.GeoPolicyChange>().toEqualTypeOf<Request<typeof contract.GeoPolicyChange>>();
    expectTypeOf<sdk.KeyRotation>().toEqualTypeOf<Request<typeof contract.KeyRotation>>();
    expectTypeOf<sdk.CacheChange>().toEqualTypeOf<Request<typeof contract.CacheChange>>();
    expectTypeOf<sdk.CacheSettings>().toEqualTypeOf<contract.CacheSettings>();
    expectTypeOf<List<sdk.ApiKey>>().toEqualTypeOf<contract.ApiKeyList>();
    expectTypeOf<sdk.IssuedApiKey>().toEqualTypeOf<contract.IssuedApiKey>();
    expectTypeOf<sdk.ChangedApiKey>().toEqualTypeOf<contract.ChangedApiKey>();
  });

  test('alerts', () => {
    expectTypeOf<sdk.AlertTest>().toEqualTypeOf<contract.AlertTest>();
    expectTypeOf<List<sdk.AlertDelivery>>().toEqualTypeOf<contract.AlertDeliveryList>();
    expectTypeOf<sdk.OrganizationAlerts>().toEqualTypeOf<contract.OrganizationAlerts>();
    expectTypeOf<sdk.OrganizationAlertsChange>().toEqualTypeOf<
      Request<typeof contract.OrganizationAlertsChange>
    >();
    expectTypeOf<sdk.ChangedOrganizationAlerts>().toEqualTypeOf<contract.ChangedOrganizationAlerts>();
    expectTypeOf<sdk.AlertEvent>().toExtend<contract.AlertEvent>();
    expectTypeOf<contract.AlertEvent>().toExtend<sdk.AlertEvent>();
  });

  test('accounts', () => {
    expectTypeOf<sdk.NewAccount>().toEqualTypeOf<Request<typeof contract.NewAccount>>();
    expectTypeOf<sdk.Registration>().toEqualTypeOf<contract.Registration>();
    // Sessions in cookies are for the pages of the server itself.
    expectTypeOf<sdk.SignIn>().toEqualTypeOf<Omit<Request<typeof contract.SignIn>, 'session'>>();
    expectTypeOf<sdk.SignedIn>().toEqualTypeOf<contract.SignedIn>();
    expectTypeOf<sdk.SessionTokens>().toEqualTypeOf<contract.SessionTokens>();
    expectTypeOf<sdk.Account>().toEqualTypeOf<contract.Account>();
    expectTypeOf<sdk.AccountChange>().toEqualTypeOf<Request<typeof contract.AccountChange>>();
    expectTypeOf<sdk.PasswordChange>().toEqualTypeOf<Request<typeof contract.PasswordChange>>();
    expectTypeOf<sdk.PasswordReset>().toEqualTypeOf<Request<typeof contract.PasswordReset>>();
    expectTypeOf<sdk.TwoFactorStatus>().toEqualTypeOf<contract.TwoFactorStatus>();
    expectTypeOf<sdk.TwoFactorSetup>().toEqualTypeOf<contract.TwoFactorSetup>();
    expectTypeOf<sdk.RecoveryCodes>().toEqualTypeOf<contract.RecoveryCodes>();
    expectTypeOf<List<sdk.Session>>().toEqualTypeOf<contract.SessionList>();
    expectTypeOf<sdk.PersonalData>().toEqualTypeOf<contract.PersonalData>();
    expectTypeOf<sdk.Deactivation>().toEqualTypeOf<contract.Deactivation>();
  });

  test('proofs of who one is', () => {
    type Auth = sdk.Auth;
    expectTypeOf<Parameters<Auth['verifyEmail']>[0]>().toEqualTypeOf<
      Request<typeof contract.TokenProof>
    >();
    expectTypeOf<Parameters<Auth['refresh']>[0]>().toExtend<
      Request<typeof contract.RefreshProof>
    >();
    expectTypeOf<Parameters<Auth['logout']>[0]>().toExtend<Request<typeof contract.RefreshProof>>();
    expectTypeOf<Parameters<Auth['forgotPassword']>[0]>().toEqualTypeOf<
      Request<typeof contract.ForgottenPassword>
    >();
    expectTypeOf<Parameters<Auth['twoFaSetup']>[0]>().toEqualTypeOf<
      Request<typeof contract.PasswordProof>
    >();
    expectTypeOf<Parameters<Auth['twoFaVerify']>[0]>().toEqualTypeOf<
      Request<typeof contract.CodeProof>
    >();
    expectTypeOf<Parameters<Auth['twoFaDisable']>[0]>().toEqualTypeOf<
      Request<typeof contract.FullProof>
    >();
  });
});
