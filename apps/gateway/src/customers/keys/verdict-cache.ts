import type { KeyVerdict } from './api-key.ts';

interface Bounds {
  readonly ttlMs: number;
  readonly maxEntries: number;
}

interface Entry {
  readonly verdict: KeyVerdict;
  readonly staleAtMs: number;
}

const VALID: Bounds = { ttlMs: 30_000, maxEntries: 10_000 };
/** Short, and apart from the others: who sends made-up keys must not push out the real ones. */
const REFUSED: Bounds = { ttlMs: 5_000, maxEntries: 1_000 };

/** Verdicts by the hash of the secret. Full maps drop what was asked of the database longest ago. */
export class VerdictCache {
  readonly #valid = new Map<string, Entry>();
  readonly #refused = new Map<string, Entry>();

  get(hash: string, nowMs: number): KeyVerdict | undefined {
    const entry = this.#valid.get(hash) ?? this.#refused.get(hash);
    if (entry === undefined || entry.staleAtMs <= nowMs) return undefined;
    return expire(entry.verdict, nowMs);
  }

  set(hash: string, verdict: KeyVerdict, nowMs: number): void {
    const [entries, bounds] =
      verdict.kind === 'valid' ? [this.#valid, VALID] : [this.#refused, REFUSED];
    this.delete(hash);
    entries.set(hash, { verdict, staleAtMs: nowMs + bounds.ttlMs });
    if (entries.size <= bounds.maxEntries) return;
    const [oldest] = entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
  }

  delete(hash: string): void {
    this.#valid.delete(hash);
    this.#refused.delete(hash);
  }

  clear(): void {
    this.#valid.clear();
    this.#refused.clear();
  }

  get size(): number {
    return this.#valid.size + this.#refused.size;
  }
}

/** What time makes of a verdict: a key ends, and so does the grace of a secret that was rotated away. */
export function expire(verdict: KeyVerdict, nowMs: number): KeyVerdict {
  if (verdict.kind !== 'valid') return verdict;
  const { replacedAtMs = Infinity, expiresAtMs = Infinity } = verdict.key;
  if (replacedAtMs <= nowMs) return { kind: 'revoked' };
  return expiresAtMs <= nowMs ? { kind: 'expired' } : verdict;
}
