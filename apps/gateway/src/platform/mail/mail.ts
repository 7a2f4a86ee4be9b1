/** What a mail says; the sender finds the words in the reader's language. */
export type MailContent =
  | { readonly template: 'verify-email'; readonly token: string }
  | { readonly template: 'account-exists' }
  | { readonly template: 'reset-password'; readonly token: string }
  | { readonly template: 'password-changed' }
  | {
      readonly template: 'invitation';
      readonly token: string;
      readonly organizationName: string;
      readonly inviterName: string | undefined;
      readonly role: 'admin' | 'developer';
    }
  | { readonly template: 'account-deactivated'; readonly eraseAfter: string }
  | {
      readonly template: 'limit-reached';
      readonly organizationName: string;
      readonly scope: 'organization' | 'member' | 'key';
      /** Of the member or key. */
      readonly subjectName: string;
      /** Per cent of the limit. */
      readonly threshold: number;
      /** Amounts are decimal text. */
      readonly spentUsd: string;
      readonly limitUsd: string;
      /** Such as `2026-11`. */
      readonly month: string;
      /** The first day of the month after it. */
      readonly resetsOn: string;
      readonly timeZone: string;
    }
  | {
      readonly template: 'low-balance';
      readonly organizationName: string;
      readonly balanceUsd: string;
      readonly limitUsd: string;
    }
  | {
      readonly template: 'auto-top-up-stopped';
      readonly organizationName: string;
      readonly amountUsd: string;
      readonly reason: 'declined' | 'disputed';
    }
  | {
      readonly template: 'plan-ended';
      readonly organizationName: string;
      readonly planName: string;
      /** Such as `2026-11`. */
      readonly month: string;
      readonly feeUsd: string;
    };

export interface Mail {
  readonly to: string;
  readonly locale: 'en' | 'zh-CN' | 'ko' | 'de' | 'ja';
  /** With whom it is deleted if it was not sent by then. */
  readonly userId?: string | undefined;
  readonly content: MailContent;
}
