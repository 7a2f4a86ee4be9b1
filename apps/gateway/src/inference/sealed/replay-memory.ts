import type { Clock } from '../../platform/clock.ts';
import { Refusal } from '../../platform/refusal.ts';

/** About 60 MB when full, which takes 250 keys at their full rate. */
const MAX_NONCES = 500_000;

export interface ReplayMemory {
  /** Remembers a nonce until the given time; true when it was remembered already. */
  readonly seen: (nonce: string, untilSeconds: number) => boolean;
}

/**
 * In memory only: after a restart the server has a new key, so that nothing sealed before can be opened, let alone
 * replayed. When full of unexpired nonces it refuses everyone for a while rather than forget one.
 */
export function createReplayMemory(clock: Clock, maxNonces: number = MAX_NONCES): ReplayMemory {
  const untilByNonce = new Map<string, number>();

  const forgetExpired = (nowSeconds: number) => {
    for (const [nonce, untilSeconds] of untilByNonce) {
      if (untilSeconds >= nowSeconds) return;
      untilByNonce.delete(nonce);
    }
  };

  return {
    seen(nonce, untilSeconds) {
      forgetExpired(clock() / 1000);
      if (untilByNonce.has(nonce)) return true;
      if (untilByNonce.size >= maxNonces)
        throw new Refusal('service_unavailable', { retryAfterSeconds: 60 });
      untilByNonce.set(nonce, untilSeconds);
      return false;
    },
  };
}
