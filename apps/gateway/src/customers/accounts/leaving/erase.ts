import { and, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import {
  apiKeys,
  auditLog,
  conversations,
  feedback,
  idempotencyKeys,
  inSystem,
  invitations,
  memberships,
  organizations,
  outboxMails,
  paymentProfiles,
  providerKeys,
  recoveryCodes,
  routingDecisions,
  sessions,
  totpSecrets,
  users,
  userTokens,
  type Transaction,
} from '../../../platform/db/index.ts';
import type { StoredUser } from '../account.ts';
import { ownedBy } from './owned.ts';

const ERASED = 'erased';
const NO_WEBHOOK = {
  alertWebhookUrl: null,
  alertWebhookSecret: null,
  alertWebhookPreviousSecret: null,
} as const;

/** Whose grace is over, and whose address nobody confirmed. What a person owns is everywhere: hence past all scopes. */
export async function eraseDueAccounts(ctx: Context): Promise<void> {
  const due = await inSystem(ctx, (transaction) =>
    transaction.select({ id: users.id }).from(users).where(isDue(ctx)),
  );
  for (const { id } of due) {
    await inSystem(ctx, async (transaction) => {
      const [user] = await transaction
        .select()
        .from(users)
        .where(and(eq(users.id, id), isDue(ctx)))
        .for('update');
      if (user !== undefined) await erase(transaction, ctx, user);
    });
  }
}

const isDue = (ctx: Context) =>
  and(lte(users.eraseAfter, new Date(ctx.clock())), isNull(users.erasedAt));

/** Ids stay, so that the ledger and the record stay whole; nothing says any more whose they were. */
async function erase(transaction: Transaction, ctx: Context, user: StoredUser): Promise<void> {
  const userId = user.id;
  const owned = await ownedBy(transaction, userId);
  if (owned.some(({ memberCount }) => memberCount > 1)) {
    throw new Error(`impossible: ${userId} is to be erased and owns what others belong to`);
  }
  const organizationIds = owned.map(({ id }) => id);
  const keyIds = await eraseKeys(transaction, ctx, { userId, organizationIds });
  await eraseTalk(transaction, { userId, organizationIds, keyIds });
  await eraseTraces(transaction, { userId, organizationIds, keyIds }, user.email);
  await deleteOrganizations(transaction, ctx, organizationIds);
  await transaction.delete(memberships).where(eq(memberships.userId, userId));
  await eraseUser(transaction, ctx, userId);
}

interface Belongings {
  readonly userId: string;
  readonly organizationIds: string[];
  readonly keyIds: string[];
}

async function eraseKeys(
  transaction: Transaction,
  ctx: Context,
  { userId, organizationIds }: Omit<Belongings, 'keyIds'>,
): Promise<string[]> {
  const isTheirs = or(
    eq(apiKeys.createdBy, userId),
    inArray(apiKeys.organizationId, organizationIds),
  );
  await transaction
    .update(apiKeys)
    .set({ revokedAt: new Date(ctx.clock()) })
    .where(and(isTheirs, isNull(apiKeys.revokedAt)));
  const erased = await transaction
    .update(apiKeys)
    .set({ name: ERASED, ipAllowList: null, ...NO_WEBHOOK })
    .where(isTheirs)
    .returning({ id: apiKeys.id });
  // Those that were brought to the organizations of others stay theirs.
  await transaction
    .update(providerKeys)
    .set({ label: ERASED })
    .where(eq(providerKeys.createdBy, userId));
  return erased.map(({ id }) => id);
}

/** What was written, also in the organizations of others. Votes stay without their words. */
async function eraseTalk(
  transaction: Transaction,
  { userId, organizationIds, keyIds }: Belongings,
): Promise<void> {
  await transaction.execute(
    sql`select forget_cached_answers(${sql.param(organizationIds)}::text[], ${sql.param(keyIds)}::text[])`,
  );
  await transaction
    .delete(conversations)
    .where(
      or(
        eq(conversations.userId, userId),
        inArray(conversations.keyId, keyIds),
        inArray(conversations.organizationId, organizationIds),
      ),
    );
  await transaction
    .update(feedback)
    .set({ comment: null, tags: [] })
    .where(
      or(
        eq(feedback.userId, userId),
        inArray(feedback.keyId, keyIds),
        inArray(feedback.organizationId, organizationIds),
      ),
    );
  await transaction
    .update(routingDecisions)
    .set({ features: null, conversation: null })
    .where(
      or(
        eq(routingDecisions.userId, userId),
        inArray(routingDecisions.keyId, keyIds),
        inArray(routingDecisions.organizationId, organizationIds),
      ),
    );
}

async function eraseTraces(
  transaction: Transaction,
  { userId, organizationIds, keyIds }: Belongings,
  email: string | null,
): Promise<void> {
  await transaction.delete(idempotencyKeys).where(inArray(idempotencyKeys.scope, organizationIds));
  await transaction.delete(outboxMails).where(eq(outboxMails.userId, userId));
  await transaction
    .update(invitations)
    .set({ email: null })
    .where(
      or(eq(invitations.email, email ?? ''), inArray(invitations.organizationId, organizationIds)),
    );
  const sessionIds = transaction
    .select({ id: sessions.id })
    .from(sessions)
    .where(eq(sessions.userId, userId));
  await transaction
    .update(auditLog)
    .set({ address: null })
    .where(
      or(
        inArray(auditLog.actorId, [userId, ...keyIds]),
        eq(auditLog.subject, userId),
        inArray(auditLog.subject, sessionIds),
      ),
    );
}

/** The rows stay for the ledger. */
async function deleteOrganizations(
  transaction: Transaction,
  ctx: Context,
  organizationIds: string[],
): Promise<void> {
  await transaction
    .update(organizations)
    .set({ name: ERASED, deletedAt: new Date(ctx.clock()), ...NO_WEBHOOK })
    .where(inArray(organizations.id, organizationIds));
  await transaction
    .update(paymentProfiles)
    .set({ paymentMethodId: null, paymentMethodName: null })
    .where(inArray(paymentProfiles.organizationId, organizationIds));
  await transaction
    .delete(providerKeys)
    .where(inArray(providerKeys.organizationId, organizationIds));
  for (const organizationId of organizationIds) {
    await recordDeed(transaction, ctx, {
      action: 'organization.delete',
      subject: organizationId,
      organizationId,
    });
  }
}

async function eraseUser(transaction: Transaction, ctx: Context, userId: string): Promise<void> {
  await transaction.delete(sessions).where(eq(sessions.userId, userId));
  await transaction.delete(userTokens).where(eq(userTokens.userId, userId));
  await transaction.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  await transaction.delete(totpSecrets).where(eq(totpSecrets.userId, userId));
  const now = new Date(ctx.clock());
  await transaction
    .update(users)
    .set({
      email: null,
      emailVerifiedAt: null,
      passwordHash: null,
      passwordChangedAt: null,
      fullName: null,
      locale: 'en',
      deactivatedAt: now,
      erasedAt: now,
    })
    .where(eq(users.id, userId));
  await recordDeed(transaction, ctx, {
    action: 'account.erase',
    subject: userId,
    organizationId: null,
  });
}
