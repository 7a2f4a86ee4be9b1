import type { Clock } from '../clock.ts';

export interface RateVerdict {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until the oldest counted event leaves the window: when refused, how long to wait. */
  readonly resetSeconds: number;
}

export interface RateLimiter {
  /** Counts one event if it is allowed; what is refused is not counted. */
  take(id: string, limit: number): RateVerdict;
  /** What `take` would answer, counting nothing. */
  look(id: string, limit: number): RateVerdict;
}

/** The window slides in steps of a sixtieth: one second of a minute. */
const SLOTS = 60;
const DEFAULT_MAX_IDS = 50_000;

/**
 * At most `limit` events of an id in any window, however they are spread. One of these serves one process; an id costs
 * about 300 bytes whatever its limit, and of more than `maxIds` the longest unused are forgotten.
 */
export function createRateLimiter(options: {
  readonly clock: Clock;
  readonly windowMs: number;
  readonly maxIds?: number;
}): RateLimiter {
  const { clock, maxIds = DEFAULT_MAX_IDS } = options;
  const slotMs = options.windowMs / SLOTS;
  const windows = new Map<string, Window>();

  const judge = (id: string, limit: number, events: 0 | 1): RateVerdict => {
    const now = clock();
    const window = windows.get(id) ?? new Window();
    window.slideTo(Math.floor(now / slotMs));
    const isAllowed = window.total < limit;
    if (isAllowed && events === 1) {
      window.add();
      // Moved to the end: the map's order is the order of use.
      windows.delete(id);
      windows.set(id, window);
      if (windows.size > maxIds) forgetOldest(windows);
    }
    const resetMs = window.oldestSlot() * slotMs + options.windowMs + slotMs - now;
    return {
      isAllowed,
      limit,
      remaining: Math.max(0, limit - window.total),
      resetSeconds: window.total === 0 ? 0 : Math.max(1, Math.ceil(resetMs / 1000)),
    };
  };
  return {
    take: (id, limit) => judge(id, limit, 1),
    look: (id, limit) => judge(id, limit, 0),
  };
}

function forgetOldest(windows: Map<string, unknown>): void {
  const [oldest] = windows.keys();
  if (oldest !== undefined) windows.delete(oldest);
}

/** Counts of the newest slots, one more than a window has: the oldest is still partly inside. */
class Window {
  total = 0;
  readonly #counts = new Uint32Array(SLOTS + 1);
  #newest = 0;

  slideTo(slot: number): void {
    const from = Math.max(this.#newest + 1, slot - SLOTS);
    for (let passed = from; passed <= slot; passed += 1) {
      const index = passed % (SLOTS + 1);
      this.total -= this.#counts[index] ?? 0;
      this.#counts[index] = 0;
    }
    // A clock that was set back must not count into slots that are long gone.
    this.#newest = Math.max(this.#newest, slot);
  }

  add(): void {
    const index = this.#newest % (SLOTS + 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.total += 1;
  }

  oldestSlot(): number {
    for (let slot = this.#newest - SLOTS; slot < this.#newest; slot += 1) {
      if ((this.#counts[slot % (SLOTS + 1)] ?? 0) > 0) return slot;
    }
    return this.#newest;
  }
}
