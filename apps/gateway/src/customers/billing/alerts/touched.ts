import type { Context } from '../../../platform/context.ts';

/** Of a context, what deciding on alerts takes. */
export type Deciding = Pick<Context, 'clock' | 'newId' | 'vault'>;

/** What a transaction has changed, and what alerts may be due for. */
export interface Touched {
  /** Budgets whose `spent_nano` or limit changed. */
  readonly budgets: readonly TouchedBudget[];
  /** Ids of the organizations whose wallet's balance changed. */
  readonly wallets: readonly string[];
}

export interface TouchedBudget {
  readonly organizationId: string;
  readonly scope: 'organization' | 'member' | 'key';
  /** Id of the organization, user or key. */
  readonly subject: string;
  /** Such as `2026-11`, where the organization is. */
  readonly month: string;
}
