import { nanoUsd, type NanoUsd } from '@sealgate/contract';

/** Money that one process has set aside and not spent: what is free of it, and what running requests hold. */
export interface Lease {
  readonly id: string;
  freeNano: bigint;
  inUseNano: bigint;
  /** What the tightest limit left when the lease last grew. */
  roomNano: bigint;
  isExact: boolean;
}

/** Set aside for one request, for the most that it can cost. To be settled or released exactly once. */
export interface Hold {
  readonly amountNano: NanoUsd;
  /** `undefined`: the request cannot cost anything. */
  readonly leaseId: string | undefined;
  /** In whose budgets it counts. */
  readonly month: string;
  /** What the caller can still spend, as far as this process knows. `undefined`: it does not. */
  remaining(): NanoUsd | undefined;
  /** Takes the cost, gives back the rest. Returns what is charged: the cost, or as much of it as could be had. */
  settle(costNano: NanoUsd): NanoUsd;
  /** The request costs nothing. Does nothing after `settle`. */
  release(): void;
}

/** For requests that cannot cost anything: they need nothing, and nothing is asked. */
export const freeHold = (month: string): Hold => ({
  amountNano: nanoUsd(0n),
  leaseId: undefined,
  month,
  remaining: () => undefined,
  settle: () => nanoUsd(0n),
  release: () => undefined,
});

/** Takes from the lease what is free of it. The caller has looked whether there is enough. */
export function holdFrom(
  lease: Lease,
  amountNano: NanoUsd,
  facts: { readonly month: string; readonly onEnd: (chargedNano: bigint) => void },
): Hold {
  lease.freeNano -= amountNano;
  lease.inUseNano += amountNano;
  let isOver = false;
  const end = (costNano: bigint): NanoUsd => {
    if (isOver) throw new Error('impossible: a hold is settled twice');
    isOver = true;
    // Dearer than its bound: the upstream ignored the limit. What else is free of the lease may pay for it.
    const chargedNano =
      costNano < amountNano + lease.freeNano ? costNano : amountNano + lease.freeNano;
    lease.freeNano += amountNano - chargedNano;
    lease.inUseNano -= amountNano;
    facts.onEnd(chargedNano);
    return nanoUsd(chargedNano);
  };
  return {
    amountNano,
    leaseId: lease.id,
    month: facts.month,
    remaining: () => nanoUsd(lease.roomNano + lease.freeNano),
    settle: end,
    release: () => {
      if (!isOver) end(0n);
    },
  };
}
