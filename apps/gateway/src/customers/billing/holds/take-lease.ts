import { sql, type SQL } from 'drizzle-orm';
import { inTenant, type Stored, type Transaction } from '../../../platform/db/index.ts';
import { lockWallet, moveBudgets, type Holder } from './budget-moves.ts';
import { requireAlive } from './instance.ts';
import { readLimits, roomIn, tightestOf, type Limit, type LimitScope } from './limits.ts';

export interface LeaseRequest {
  readonly holder: Holder;
  readonly instanceId: string;
  /** Grows if it is there already. */
  readonly leaseId: string;
  /** Without which there is no use. */
  readonly neededNano: bigint;
  /** What would save asking again soon. */
  readonly wantedNano: bigint;
}

export type LeaseAnswer =
  | {
      readonly kind: 'granted';
      readonly amountNano: bigint;
      /** Granted no more than was needed, because little is left: nothing of the lease is idle after it. */
      readonly isExact: boolean;
      /** What the tightest limit leaves after it. */
      readonly roomNano: bigint;
    }
  | {
      readonly kind: 'refused';
      readonly limit: Limit;
      /** Some process has set more aside than its running requests need. */
      readonly isIdleElsewhere: boolean;
    };

/** A slice is at most this part of what is left: several processes share it, and near a limit only what is needed is taken. */
const SHARE = 8n;

/** Sets money aside for one process, against all limits at once. What is needed is never shrunk to what is left. */
export function takeLease(store: Stored, request: LeaseRequest): Promise<LeaseAnswer> {
  const { organizationId } = request.holder;
  return inTenant(store, organizationId, async (transaction) => {
    await requireAlive(transaction, request.instanceId);
    const wallet = await lockWallet(transaction, organizationId);
    const limit = tightestOf(await readLimits(transaction, request.holder, wallet));
    const roomNano = roomIn(limit);
    if (roomNano < request.neededNano) {
      const isIdleElsewhere = await hasIdleLease(transaction, request, limit.scope);
      return { kind: 'refused', limit, isIdleElsewhere };
    }
    const amountNano = max(request.neededNano, min(request.wantedNano, roomNano / SHARE));
    const isExact = request.neededNano > 0n && amountNano === request.neededNano;
    await grant(transaction, request, { amountNano, isExact });
    return { kind: 'granted', amountNano, isExact, roomNano: roomNano - amountNano };
  });
}

async function grant(
  transaction: Transaction,
  { holder, instanceId, leaseId }: LeaseRequest,
  { amountNano, isExact }: { readonly amountNano: bigint; readonly isExact: boolean },
): Promise<void> {
  await moveBudgets(transaction, [{ ...holder, heldNano: amountNano, spentNano: 0n }]);
  const { organizationId, keyId, userId, month } = holder;
  await transaction.execute(sql`
    insert into budget_leases
      (id, organization_id, instance_id, key_id, user_id, month, outstanding_nano, is_exact)
    values (${leaseId}, ${organizationId}, ${instanceId}, ${keyId}, ${userId ?? null}, ${month}, ${amountNano}, ${isExact})
    on conflict (id) do update
    set outstanding_nano = budget_leases.outstanding_nano + excluded.outstanding_nano, is_exact = excluded.is_exact`);
}

/** Only leases that weigh on the limit that is in the way. */
const WEIGHS_ON: Readonly<Record<LimitScope, (holder: Holder) => SQL>> = {
  wallet: () => sql`true`,
  organization: ({ month }) => sql`month = ${month}`,
  member: ({ month, userId }) => sql`month = ${month} and user_id = ${userId ?? null}`,
  key: ({ month, keyId }) => sql`month = ${month} and key_id = ${keyId}`,
};

async function hasIdleLease(
  transaction: Transaction,
  { holder, leaseId }: LeaseRequest,
  scope: LimitScope,
): Promise<boolean> {
  const { rows } = await transaction.execute<{ readonly found: boolean }>(sql`
    select exists (select from budget_leases where organization_id = ${holder.organizationId}
      and id <> ${leaseId} and outstanding_nano > 0 and not is_exact and ${WEIGHS_ON[scope](holder)}) as found`);
  return rows[0]?.found === true;
}

const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const min = (one: bigint, other: bigint): bigint => (one < other ? one : other);
