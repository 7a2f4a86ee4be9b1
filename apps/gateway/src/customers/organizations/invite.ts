import { and, count, eq, gt, isNull } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import {
  inTenant,
  invitations,
  memberships,
  users,
  type Transaction,
} from '../../platform/db/index.ts';
import { enqueueMail } from '../../platform/mail/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { mintToken } from '../accounts/index.ts';
import { seenAt, type Invitation, type StoredInvitation } from './invitation.ts';
import { lockMemberships, requireRight, rightOver } from './membership.ts';

export interface NewInvitation {
  /** In lower case. */
  readonly email: string;
  readonly role: 'admin' | 'developer';
}

const VALID_MS = 7 * 24 * 60 * 60 * 1000;
/** Mails to strangers are not to be had without bound. */
const MAX_OPEN = 100;

/** Sends a link to the address; an open invitation of the same address is replaced. */
export function inviteMember(ctx: Context<MemberActor>, input: NewInvitation): Promise<Invitation> {
  const { actor } = ctx;
  const { organizationId } = actor;
  requireRight(actor.role, rightOver(input.role));
  return inTenant(ctx, organizationId, async (transaction) => {
    const organization = await lockMemberships(transaction, organizationId);
    await refuseMember(transaction, organizationId, input.email);
    await revokeOpen(transaction, ctx, input.email);
    await refuseTooMany(transaction, ctx);
    const { token, hash } = mintToken();
    const now = ctx.clock();
    const invitation: StoredInvitation = {
      id: ctx.newId('invitation'),
      organizationId,
      ...input,
      tokenHash: hash,
      invitedBy: actor.userId ?? null,
      createdAt: new Date(now),
      expiresAt: new Date(now + VALID_MS),
      acceptedAt: null,
      acceptedBy: null,
      revokedAt: null,
    };
    await transaction.insert(invitations).values(invitation);
    const inviter = await findInviter(transaction, actor.userId);
    await enqueueMail(transaction, ctx, {
      to: input.email,
      locale: inviter?.locale ?? 'en',
      content: {
        template: 'invitation',
        token: token.reveal(),
        organizationName: organization.name,
        inviterName: inviter?.fullName ?? undefined,
        role: input.role,
      },
    });
    await recordDeed(transaction, ctx, {
      action: 'invitation.create',
      subject: invitation.id,
      organizationId,
      details: { role: input.role },
    });
    return seenAt(now, invitation);
  });
}

async function refuseMember(
  transaction: Transaction,
  organizationId: string,
  email: string,
): Promise<void> {
  const found = await transaction
    .select({ id: users.id })
    .from(users)
    .innerJoin(memberships, eq(memberships.userId, users.id))
    .where(and(eq(memberships.organizationId, organizationId), eq(users.email, email)));
  if (found.length > 0) {
    throw new Refusal('conflict', { message: 'This person is a member already.', param: 'email' });
  }
}

async function revokeOpen(
  transaction: Transaction,
  ctx: Context<MemberActor>,
  email: string,
): Promise<void> {
  await transaction
    .update(invitations)
    .set({ revokedAt: new Date(ctx.clock()) })
    .where(and(isOpen(ctx.actor.organizationId), eq(invitations.email, email)));
}

async function refuseTooMany(transaction: Transaction, ctx: Context<MemberActor>): Promise<void> {
  const [open] = await transaction
    .select({ count: count() })
    .from(invitations)
    .where(and(isOpen(ctx.actor.organizationId), gt(invitations.expiresAt, new Date(ctx.clock()))));
  if ((open?.count ?? 0) < MAX_OPEN) return;
  throw new Refusal('conflict', {
    message: `There are ${MAX_OPEN} open invitations. Revoke some, or wait until they are accepted.`,
  });
}

const isOpen = (organizationId: string) =>
  and(
    eq(invitations.organizationId, organizationId),
    isNull(invitations.acceptedAt),
    isNull(invitations.revokedAt),
  );

async function findInviter(transaction: Transaction, userId: string | undefined) {
  if (userId === undefined) return undefined;
  const [inviter] = await transaction
    .select({ fullName: users.fullName, locale: users.locale })
    .from(users)
    .where(eq(users.id, userId));
  return inviter;
}
