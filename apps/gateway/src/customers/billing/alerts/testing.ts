import { nanoUsd } from '@sealgate/contract';
import { asc, eq, sql } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import {
  alerts,
  budgets,
  inSystem,
  memberships,
  outboxMails,
  users,
  wallets,
} from '../../../platform/db/index.ts';
import type { TestDatabase } from '../../../platform/db/testing.ts';
import type { Mail } from '../../../platform/mail/index.ts';
import { createKey } from '../../keys/index.ts';
import { plantOrganization } from '../../organizations/testing.ts';
import { raiseAlerts } from './raise-alerts.ts';
import type { TouchedBudget } from './touched.ts';

/** The month of the test context's clock. */
export const MONTH = '2026-01';

export type Spending = Omit<TouchedBudget, 'month'> & {
  readonly nano: bigint;
  readonly month?: string;
};

/** Spends of one budget only, which no settlement does: the wallets first, in one order, then the budgets, then the alerts. */
export function spend(ctx: Context, spendings: readonly Spending[]) {
  const touched = spendings.map(({ month = MONTH, ...spending }) => ({ ...spending, month }));
  const organizationIds = [...new Set(touched.map(({ organizationId }) => organizationId))].sort();
  return inSystem(ctx, async (transaction) => {
    for (const id of organizationIds) {
      const total = touched
        .filter(({ organizationId, scope }) => organizationId === id && scope === 'organization')
        .reduce((sum, { nano }) => sum + nano, 0n);
      await transaction
        .update(wallets)
        .set({ balanceNano: sql`${wallets.balanceNano} - ${total}` })
        .where(eq(wallets.organizationId, id));
    }
    for (const { nano, ...budget } of touched) {
      await transaction
        .insert(budgets)
        .values({ ...budget, spentNano: nano })
        .onConflictDoUpdate({
          target: [budgets.organizationId, budgets.month, budgets.scope, budgets.subject],
          set: { spentNano: sql`${budgets.spentNano} + ${nano}` },
        });
    }
    return raiseAlerts(transaction, ctx, { budgets: touched, wallets: organizationIds });
  });
}

/** Such as `key key_1 80`, or `wallet org_1`, in the order of raising. */
export async function raisedIn(database: TestDatabase, organizationId: string): Promise<string[]> {
  const rows = await database.admin
    .select()
    .from(alerts)
    .where(eq(alerts.organizationId, organizationId))
    .orderBy(asc(alerts.raisedAt), asc(alerts.scope), asc(alerts.threshold));
  return rows.map(({ scope, subject, threshold }) =>
    [scope, subject, threshold].filter((part) => part !== null).join(' '),
  );
}

/** Somebody with a confirmed address; the organization is not only theirs. */
export async function plantMember(
  database: TestDatabase,
  ctx: Context,
  member: {
    readonly organizationId: string;
    readonly name: string;
    readonly role: 'owner' | 'admin' | 'developer';
    readonly changes?: Partial<typeof users.$inferInsert>;
  },
): Promise<string> {
  const { organizationId, name, role, changes } = member;
  const userId = ctx.newId('user');
  await database.admin.insert(users).values({
    id: userId,
    email: `${name}@example.com`,
    emailVerifiedAt: new Date(ctx.clock()),
    personalOrganizationId: organizationId,
    ...changes,
  });
  await database.admin
    .insert(memberships)
    .values({ id: ctx.newId('membership'), organizationId, userId, role });
  return userId;
}

/** An organization with ten dollars and a key with a cap of ten dollars. */
export async function plantCappedKey(ctx: Context, changes: object = {}) {
  const { id: organizationId } = await plantOrganization(ctx, nanoUsd(10_000_000_000n));
  const { key, signingSecret } = await createKey(ctx, {
    organizationId,
    name: 'prod-2026',
    monthlySpendCapNano: nanoUsd(10_000_000_000n),
    ...changes,
  });
  const spending = { organizationId, scope: 'key', subject: key.id } as const;
  return { organizationId, keyId: key.id, signingSecret, spending };
}

/** What waits to be sent, with to whom. */
export async function mailsIn(database: TestDatabase, ctx: Context): Promise<Mail[]> {
  const rows = await database.admin.select().from(outboxMails).orderBy(asc(outboxMails.id));
  return rows.map(
    ({ id, mail }) => JSON.parse(ctx.vault.open(`mail:${id}`, mail).reveal()) as Mail,
  );
}
