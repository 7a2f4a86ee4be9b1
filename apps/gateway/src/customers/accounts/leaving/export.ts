import { and, asc, eq, or } from 'drizzle-orm';
import type { UserActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import {
  apiKeys,
  auditLog,
  conversations,
  feedback,
  inSystem,
  invitations,
  messages,
  providerKeys,
  sessions,
  type Transaction,
} from '../../../platform/db/index.ts';
import { accountOf, readUser, type Account } from '../account.ts';

type Row = Readonly<Record<string, unknown>>;

export interface PersonalData {
  readonly account: Account;
  readonly sessions: readonly Row[];
  readonly keys: readonly Row[];
  readonly providerKeys: readonly Row[];
  readonly invitations: readonly Row[];
  readonly conversations: readonly Row[];
  readonly messages: readonly Row[];
  readonly areMessagesComplete: boolean;
  readonly feedback: readonly Row[];
  readonly auditLog: readonly Row[];
}

/** More are to be had conversation by conversation. */
const MAX_MESSAGES = 10_000;

/** Everything about the person, in whatever organization it lies: hence past all scopes. Secrets' hashes are not theirs. */
export function exportAccount(ctx: Context<UserActor>): Promise<PersonalData> {
  const { userId } = ctx.actor;
  return inSystem(ctx, async (transaction) => {
    const user = await readUser(transaction, userId);
    const talk = await exportTalk(transaction, userId);
    return {
      account: await accountOf(transaction, user),
      ...talk,
      sessions: await transaction.select().from(sessions).where(eq(sessions.userId, userId)),
      keys: await exportKeys(transaction, userId),
      providerKeys: await exportProviderKeys(transaction, userId),
      invitations: await transaction
        .select({
          id: invitations.id,
          email: invitations.email,
          role: invitations.role,
          createdAt: invitations.createdAt,
          acceptedAt: invitations.acceptedAt,
        })
        .from(invitations)
        .where(or(eq(invitations.email, user.email ?? ''), eq(invitations.invitedBy, userId))),
      auditLog: await transaction
        .select()
        .from(auditLog)
        .where(or(eq(auditLog.actorId, userId), eq(auditLog.subject, userId)))
        .orderBy(asc(auditLog.id)),
    };
  });
}

async function exportTalk(transaction: Transaction, userId: string) {
  const owned = await transaction
    .select()
    .from(conversations)
    .where(eq(conversations.userId, userId))
    .orderBy(asc(conversations.id));
  const rows = await transaction
    .select({
      id: messages.id,
      conversationId: messages.conversationId,
      role: messages.role,
      content: messages.content,
      metadata: messages.metadata,
      createdAt: messages.createdAt,
    })
    .from(messages)
    .innerJoin(
      conversations,
      and(eq(conversations.id, messages.conversationId), eq(conversations.userId, userId)),
    )
    .orderBy(asc(messages.conversationId), asc(messages.position))
    .limit(MAX_MESSAGES + 1);
  return {
    conversations: owned,
    messages: rows.slice(0, MAX_MESSAGES),
    areMessagesComplete: rows.length <= MAX_MESSAGES,
    feedback: await transaction.select().from(feedback).where(eq(feedback.userId, userId)),
  };
}

function exportKeys(transaction: Transaction, userId: string): Promise<readonly Row[]> {
  return transaction
    .select({
      id: apiKeys.id,
      organizationId: apiKeys.organizationId,
      name: apiKeys.name,
      prefix: apiKeys.prefix,
      ipAllowList: apiKeys.ipAllowList,
      alertWebhookUrl: apiKeys.alertWebhookUrl,
      createdAt: apiKeys.createdAt,
      revokedAt: apiKeys.revokedAt,
      lastUsedAt: apiKeys.lastUsedAt,
    })
    .from(apiKeys)
    .where(eq(apiKeys.createdBy, userId));
}

/** Which ones the person has brought; what they open is the organization's. */
function exportProviderKeys(transaction: Transaction, userId: string): Promise<readonly Row[]> {
  return transaction
    .select({
      id: providerKeys.id,
      organizationId: providerKeys.organizationId,
      provider: providerKeys.provider,
      label: providerKeys.label,
      createdAt: providerKeys.createdAt,
      lastUsedAt: providerKeys.lastUsedAt,
    })
    .from(providerKeys)
    .where(eq(providerKeys.createdBy, userId));
}
