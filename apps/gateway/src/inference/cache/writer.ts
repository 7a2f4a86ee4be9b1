import type { CacheableRequest, KeptAnswer } from './cacheable-request.ts';
import type { Place } from './places.ts';
import { sealAnswer, sealVector, writeRows } from './rows.ts';
import type { CacheServices } from './services.ts';

/** An answer on its way into the database. */
export interface Writing {
  readonly request: CacheableRequest;
  readonly place: Place;
  readonly hostDigest: Buffer;
  readonly answer: KeptAnswer;
  readonly keptAtMs: number;
}

const FLUSH_AFTER_MS = 200;
const MAX_WAITING = 1_000;
const MAX_WAITING_CHARACTERS = 16 * 1_024 * 1_024;

type Row = Parameters<typeof writeRows>[2]['rows'][number];

/** Writes behind the requests' backs, in batches. What does not fit, or cannot be written, is lost: it was only a copy. */
export class Writer {
  readonly #services: CacheServices;
  #waiting = new Map<string, Writing>();
  #characters = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Since the batch that is being written now has begun. */
  #forgotten = new Set<string>();

  constructor(services: CacheServices) {
    this.#services = services;
  }

  add(writing: Writing): void {
    const key = `${writing.place.request.toString('hex')}:${writing.answer.modelId}`;
    const before = this.#waiting.get(key)?.answer.text.length ?? 0;
    const characters = this.#characters - before + writing.answer.text.length;
    if (this.#waiting.size >= MAX_WAITING || characters > MAX_WAITING_CHARACTERS) {
      this.#services.metrics.write('dropped', 1);
      return;
    }
    this.#characters = characters;
    this.#waiting.set(key, writing);
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS).unref();
  }

  forget(organizationId: string): void {
    this.#forgotten.add(organizationId);
    for (const [key, { request, answer }] of this.#waiting) {
      if (request.organizationId !== organizationId) continue;
      this.#waiting.delete(key);
      this.#characters -= answer.text.length;
    }
  }

  /** Resolves when everything that was added before is written, or lost. */
  flush(): Promise<void> {
    this.#flush();
    return this.#running;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#running.then(() => this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    const batch = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#characters = 0;
    this.#forgotten = new Set();
    for (const [organizationId, writings] of byOrganization(batch)) {
      await this.#write(organizationId, writings);
    }
  }

  async #write(organizationId: string, writings: readonly Writing[]): Promise<void> {
    const { settings, metrics, database, vault } = this.#services;
    try {
      const rows: Row[] = [];
      for (const writing of writings) rows.push(await this.#rowOf(writing));
      if (this.#forgotten.has(organizationId)) return;
      const parts = { store: database.store, vault };
      await writeRows(parts, organizationId, { rows, bounds: settings.organization });
      metrics.write('kept', rows.length);
    } catch {
      metrics.write('failed', writings.length);
    }
  }

  async #rowOf({ request, place, hostDigest, answer, keptAtMs }: Writing): Promise<Row> {
    const { database, vault, embedder } = this.#services;
    const { organizationId, keyId, likeness, cache } = request;
    const row = { organizationId, requestDigest: place.request, model: answer.modelId, hostDigest };
    const parts = { store: database.store, vault };
    const vector =
      place.likeness && likeness && (await embedder?.embed(likeness.text, likeness.mayGoTo));
    const sealed = sealAnswer(parts, row, answer);
    return {
      ...row,
      keyId,
      answer: sealed,
      byteCount: sealed.length + (vector?.length ?? 0),
      likenessDigest: vector && place.likeness ? place.likeness : null,
      vector: vector ? sealVector(parts, row, vector) : null,
      createdAt: new Date(keptAtMs),
      expiresAt: new Date(keptAtMs + cache.ttlMs),
    };
  }
}

function byOrganization(batch: readonly Writing[]): ReadonlyMap<string, readonly Writing[]> {
  const groups = new Map<string, Writing[]>();
  for (const writing of batch) {
    const { organizationId } = writing.request;
    const group = groups.get(organizationId);
    if (group) group.push(writing);
    else groups.set(organizationId, [writing]);
  }
  return groups;
}
