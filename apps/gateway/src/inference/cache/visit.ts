import type { CacheableRequest, KeptAnswer, Recollection } from './cacheable-request.ts';
import { compareAnswers } from './likeness/compare-answers.ts';
import { similarityOf } from './likeness/vector.ts';
import type { Lookups } from './lookups.ts';
import type { Entry, Memory } from './memory.ts';
import { hostDigest, placeOf, type Place } from './places.ts';
import { findRows, openAnswer, openVector, readAnswer, type FoundRow } from './rows.ts';
import type { CacheServices } from './services.ts';
import { within } from './within.ts';
import type { Writer } from './writer.ts';

interface VisitServices extends CacheServices {
  readonly memory: Memory;
  readonly writer: Writer;
  readonly lookups: Lookups;
}

/** Larger answers are rare, and a few of them would push out everything else. */
const MAX_ANSWER_CHARACTERS = 256 * 1_024;
/** Who waits for a vector could have been served by a model meanwhile. */
const VECTOR_PATIENCE_MS = 1_000;

/** One request's dealings with the cache: it looks for an answer, and leaves the one that it got from a model. */
export class Visit {
  readonly #services: VisitServices;
  readonly #request: CacheableRequest;
  readonly #place: Place;
  readonly #hosts: ReadonlyMap<string, Buffer>;
  /** What would have been given, had it not been chosen to be compared. */
  #withheld: Recollection | undefined;

  constructor(services: VisitServices, request: CacheableRequest) {
    this.#services = services;
    this.#request = request;
    const isSemantic = request.cache.mode === 'semantic' && services.settings.mode === 'semantic';
    const embedderName = isSemantic ? services.embedder?.name : undefined;
    this.#place = placeOf(services.vault, request, embedderName);
    this.#hosts = new Map(
      Array.from(request.hosts, ([model, host]) => [model, hostDigest(services.vault, host)]),
    );
  }

  /** `undefined`: a model must be asked. Never rejects. */
  async recall(): Promise<Recollection | undefined> {
    if (this.#request.isRefreshed) return undefined;
    const found = this.#fromMemory() ?? (await this.#fromDatabase());
    if (found === undefined || !this.#isToBeChecked(found)) return found;
    this.#withheld = found;
    return undefined;
  }

  /** Leaves a model's answer for the next who asks, when it is no larger than is worth it. */
  keep(answer: KeptAnswer): void {
    const host = this.#hosts.get(answer.modelId);
    if (host === undefined || answer.text.length > MAX_ANSWER_CHARACTERS) return;
    this.#check(answer);
    const keptAtMs = this.#services.clock();
    const { organizationId, keyId, cache } = this.#request;
    this.#services.memory.set(this.#memoryKey(answer.modelId), {
      organizationId,
      keyId,
      hostDigest: host.toString('hex'),
      keptAtMs,
      expiresAtMs: keptAtMs + cache.ttlMs,
      answer,
    });
    this.#services.writer.add({
      request: this.#request,
      place: this.#place,
      hostDigest: host,
      answer,
      keptAtMs,
    });
  }

  #fromMemory(): Recollection | undefined {
    for (const model of this.#hosts.keys()) {
      const entry = this.#services.memory.get(this.#memoryKey(model));
      if (entry && this.#isGood(model, entry)) return { kind: 'exact', answer: entry.answer };
    }
    return undefined;
  }

  async #fromDatabase(): Promise<Recollection | undefined> {
    const { lookups, clock, database, vault, metrics } = this.#services;
    const parts = { store: database.store, vault };
    const query = { place: this.#place, nowMs: clock() };
    const { epoch } = this.#services.memory;
    const rows = await lookups.ask(() => findRows(parts, this.#request.organizationId, query));
    if (rows === undefined) {
      metrics.lookup('exact', 'unavailable');
      return undefined;
    }
    const good = rows.filter((row) => this.#isGood(row.model, facts(row)));
    const same = this.#sameAmong(good, epoch);
    if (same) return { kind: 'exact', answer: same };
    metrics.lookup('exact', 'miss');
    if (this.#place.likeness === undefined) return undefined;
    const alike = await this.#alikeAmong(good);
    if (alike) return { kind: 'semantic', answer: alike };
    metrics.lookup('semantic', 'miss');
    return undefined;
  }

  /** The best model's, of those that have answered the very same request. `epoch`: of when they were asked for. */
  #sameAmong(rows: readonly FoundRow[], epoch: number): KeptAnswer | undefined {
    const { memory } = this.#services;
    for (const model of this.#hosts.keys()) {
      const row = rows.find((each) => each.answer !== null && each.model === model);
      const answer = row?.answer && this.#open(row, row.answer);
      if (!row || !answer) continue;
      // What was forgotten meanwhile may be among them: it serves who asked, nobody after.
      if (memory.epoch === epoch) {
        const { organizationId } = this.#request;
        const entry = { organizationId, keyId: row.keyId, ...facts(row), answer };
        memory.set(this.#memoryKey(model), entry);
      }
      return answer;
    }
    return undefined;
  }

  /** The nearest, if it is near enough. */
  async #alikeAmong(rows: readonly FoundRow[]): Promise<KeptAnswer | undefined> {
    const { embedder, lookups, database, vault } = this.#services;
    const { likeness, cache, organizationId } = this.#request;
    const parts = { store: database.store, vault };
    const known = rows.flatMap((row) => {
      const vector = row.vector && openVector(parts, this.#sealedFor(row), row.vector);
      return vector ? [{ row, vector }] : [];
    });
    if (known.length === 0 || likeness === undefined) return undefined;
    const vector =
      embedder &&
      (await within(embedder.embed(likeness.text, likeness.mayGoTo), VECTOR_PATIENCE_MS));
    if (vector === undefined) return undefined;
    const [nearest] = known
      .map((each) => ({ row: each.row, similarity: similarityOf(vector, each.vector) }))
      .toSorted((one, other) => other.similarity - one.similarity);
    if (nearest === undefined || nearest.similarity < cache.minSimilarity) return undefined;
    const sealed = await lookups.ask(() => readAnswer(parts, organizationId, nearest.row));
    return sealed ? this.#open(nearest.row, sealed) : undefined;
  }

  /** Of a model that may answer now, at a host that is what it was, and young enough for the key that asks. */
  #isGood(model: string, entry: Pick<Entry, 'hostDigest' | 'keptAtMs' | 'expiresAtMs'>): boolean {
    const nowMs = this.#services.clock();
    return (
      this.#hosts.get(model)?.toString('hex') === entry.hostDigest &&
      nowMs < entry.expiresAtMs &&
      nowMs < entry.keptAtMs + this.#request.cache.ttlMs
    );
  }

  #isToBeChecked({ kind }: Recollection): boolean {
    const { settings, random, metrics, embedder } = this.#services;
    const isSampled = this.#request.cache.mode === 'semantic' && embedder !== undefined;
    const isChosen = isSampled && random() * 100 < settings.checkPercent;
    metrics.lookup(kind, isChosen ? 'withheld' : 'hit');
    return isChosen;
  }

  /** Behind the request's back. */
  #check(fresh: KeptAnswer): void {
    const { embedder, metrics } = this.#services;
    const withheld = this.#withheld;
    const mayGoTo = this.#request.likeness?.mayGoTo;
    if (withheld === undefined || embedder === undefined || mayGoTo === undefined) return;
    void compareAnswers(embedder, [withheld.answer.text, fresh.text], mayGoTo).then(
      (similarity) => {
        if (similarity !== undefined) metrics.check(withheld.kind, similarity);
      },
    );
  }

  #open(row: FoundRow, sealed: Buffer): KeptAnswer | undefined {
    const { database, vault } = this.#services;
    return openAnswer({ store: database.store, vault }, this.#sealedFor(row), sealed);
  }

  #sealedFor(row: FoundRow) {
    return { ...row, organizationId: this.#request.organizationId };
  }

  #memoryKey(modelId: string): string {
    return `${this.#place.request.toString('hex')}:${modelId}`;
  }
}

const facts = (row: FoundRow): Pick<Entry, 'hostDigest' | 'keptAtMs' | 'expiresAtMs'> => ({
  hostDigest: row.hostDigest.toString('hex'),
  keptAtMs: row.createdAt.getTime(),
  expiresAtMs: row.expiresAt.getTime(),
});
