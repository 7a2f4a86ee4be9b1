import type { NanoUsd } from '@sealgate/contract';
import { and, eq } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, memberships, type Transaction } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { refuseLimitedKey, reviewLimits } from '../billing/index.ts';
import { selectMembers, withSpend, type Member } from './list-members.ts';
import { lockMemberships, requireRight, rightOver, rolesIn, type Roles } from './membership.ts';

/** What is `undefined` stays. */
export interface MemberChange {
  readonly userId: string;
  readonly role?: 'admin' | 'developer' | undefined;
  /** `null`: no quota. */
  readonly monthlySpendQuotaNano?: NanoUsd | null | undefined;
}

export function updateMember(ctx: Context<MemberActor>, change: MemberChange): Promise<Member> {
  const { organizationId } = ctx.actor;
  const { userId, role, monthlySpendQuotaNano } = change;
  return inTenant(ctx, organizationId, async (transaction) => {
    await lockMemberships(transaction, organizationId);
    const roles = await rolesIn(transaction, ctx.actor, userId);
    if (roles.other === undefined) throw new Refusal('not_found');
    if (role !== undefined) await changeRole(transaction, ctx, { userId, role, roles });
    if (monthlySpendQuotaNano !== undefined) {
      requireRight(roles.actor, 'developers.manage');
      await changeQuota(transaction, ctx, { userId, monthlySpendQuotaNano });
    }
    const rows = await selectMembers(transaction).where(isMember(organizationId, userId));
    const [member] = await withSpend(transaction, ctx, organizationId, rows);
    if (member === undefined) throw new Error('impossible: a locked member is gone');
    return member;
  });
}

const isMember = (organizationId: string, userId: string) =>
  and(eq(memberships.organizationId, organizationId), eq(memberships.userId, userId));

interface RoleToGive {
  readonly userId: string;
  readonly role: 'admin' | 'developer';
  readonly roles: Roles;
}

async function changeRole(
  transaction: Transaction,
  ctx: Context<MemberActor>,
  { userId, role, roles: { actor, other } }: RoleToGive,
): Promise<void> {
  const { organizationId } = ctx.actor;
  if (other === undefined) throw new Refusal('not_found');
  if (other === 'owner') throw new Refusal('last_owner');
  requireRight(actor, rightOver(other));
  requireRight(actor, rightOver(role));
  if (role === other) return;
  await transaction.update(memberships).set({ role }).where(isMember(organizationId, userId));
  await recordDeed(transaction, ctx, {
    action: 'member.change-role',
    subject: userId,
    organizationId,
    details: { from: other, to: role },
  });
}

/** A cap for all keys of a member, set by those who set caps of keys: on everybody, the owner too. */
async function changeQuota(
  transaction: Transaction,
  ctx: Context<MemberActor>,
  { userId, monthlySpendQuotaNano }: Required<Omit<MemberChange, 'role'>>,
): Promise<void> {
  const { organizationId } = ctx.actor;
  await refuseLimitedKey(transaction, ctx.actor);
  const isThis = isMember(organizationId, userId);
  const [before] = await transaction.select().from(memberships).where(isThis);
  await transaction
    .update(memberships)
    .set({ monthlySpendQuotaNano: monthlySpendQuotaNano ?? null })
    .where(isThis);
  await recordDeed(transaction, ctx, {
    action: 'member.change-quota',
    subject: userId,
    organizationId,
    details: {
      from: before?.monthlySpendQuotaNano?.toString() ?? null,
      to: monthlySpendQuotaNano?.toString() ?? null,
    },
  });
  await reviewLimits(transaction, ctx, organizationId, [{ scope: 'member', subject: userId }]);
}
