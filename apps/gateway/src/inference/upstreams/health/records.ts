import type { KeyOwner, Model, Upstream, UpstreamKey } from '../model.ts';
import { Circuit } from './circuit.ts';
import { CoolDowns, type CoolDown } from './cool-downs.ts';
import { LatencySketch } from './latency-sketch.ts';
import { Recent } from './recent.ts';
import { RetryBudget } from './retry-budget.ts';
import { Rotation } from './rotation.ts';
import type { ResilienceSettings } from './settings.ts';

/** What is remembered of one upstream: what concerns its connection, its keys, and how often it was asked again. */
export interface UpstreamRecord {
  readonly id: string;
  readonly circuit: Circuit;
  readonly budget: RetryBudget;
  readonly rotation: Rotation;
  /** Of keys for all models. */
  readonly coolDowns: CoolDowns;
  /** What the provider answers to an organization's own key that it does not take; `undefined`: it takes it, as far as is known. */
  ownKeyRejection: number | undefined;
}

/** What is remembered of one model. */
export interface ModelRecord {
  readonly upstream: UpstreamRecord;
  readonly circuit: Circuit;
  /** Of keys for this model. */
  readonly coolDowns: CoolDowns;
  /** The same, for this model only. */
  ownKeyRejection: number | undefined;
  /** Times to the first byte of streams. */
  readonly streams: LatencySketch;
  /** Times to whole answers. */
  readonly wholes: LatencySketch;
  /** As the last request saw it: the catalogue may bring another one under the same id. */
  model: Model;
}

/** Records by id. */
interface RecordSet {
  readonly upstreams: ById<UpstreamRecord>;
  readonly models: ById<ModelRecord>;
}

interface ById<Value> {
  get(id: string): Value | undefined;
  set(id: string, value: Value): unknown;
}

/** Owners of keys, and models of each. Whoever is forgotten begins anew, with nothing against it. */
const MOST_OWNERS = 1_000;
const MOST_MODELS_OF_OWNER = 16;

/**
 * Everything that was ever asked with the operator's keys, by id: upstreams and models outlive the catalogues that name them.
 * Beside it, what was asked lately with each organization's own key: what happens to one of them is nobody else's trouble.
 */
export class Records {
  readonly #settings: ResilienceSettings;
  readonly #upstreams = new Map<string, UpstreamRecord>();
  readonly #models = new Map<string, ModelRecord>();
  readonly #owners = new Recent<RecordSet>(MOST_OWNERS);

  constructor(settings: ResilienceSettings) {
    this.#settings = settings;
  }

  of(model: Model): ModelRecord {
    const { models } = this.#setOf(model.upstream);
    const known = models.get(model.id);
    if (known) {
      known.model = model;
      return known;
    }
    const record: ModelRecord = {
      upstream: this.ofUpstream(model.upstream),
      circuit: new Circuit(this.#settings.breaker),
      coolDowns: new CoolDowns(),
      ownKeyRejection: undefined,
      streams: new LatencySketch(),
      wholes: new LatencySketch(),
      model,
    };
    models.set(model.id, record);
    return record;
  }

  ofUpstream(upstream: Upstream): UpstreamRecord {
    const { upstreams } = this.#setOf(upstream);
    const { id } = upstream;
    const known = upstreams.get(id);
    if (known) return known;
    const record: UpstreamRecord = {
      id,
      circuit: new Circuit(this.#settings.breaker),
      budget: new RetryBudget(this.#settings.retries.budgetPercent),
      rotation: new Rotation(),
      coolDowns: new CoolDowns(),
      ownKeyRejection: undefined,
    };
    upstreams.set(id, record);
    return record;
  }

  find({ id, upstream: { owner } }: Model): ModelRecord | undefined {
    return owner ? this.#owners.get(nameOf(owner))?.models.get(id) : this.findById(id);
  }

  /** Of the operator. */
  findById(modelId: string): ModelRecord | undefined {
    return this.#models.get(modelId);
  }

  /** Of the operator, as the next: what organizations do with their own keys is not for metrics. */
  get models(): Iterable<ModelRecord> {
    return this.#models.values();
  }

  get upstreams(): Iterable<UpstreamRecord> {
    return this.#upstreams.values();
  }

  #setOf({ owner }: Upstream): RecordSet {
    if (owner === undefined) return { upstreams: this.#upstreams, models: this.#models };
    const name = nameOf(owner);
    const known = this.#owners.get(name);
    if (known) return known;
    const made = { upstreams: new Map(), models: new Recent<ModelRecord>(MOST_MODELS_OF_OWNER) };
    this.#owners.set(name, made);
    return made;
  }
}

/** A new secret begins anew. */
const nameOf = ({ id, revision }: KeyOwner): string => `${id} ${revision}`;

/** Some hosts need no key. They limit all the same. */
export const NO_KEY = '';

export function coolDownOf(
  { upstream, coolDowns }: ModelRecord,
  keyName: string,
  nowMs: number,
): CoolDown | undefined {
  const everywhere = upstream.coolDowns.at(keyName, nowMs);
  const here = coolDowns.at(keyName, nowMs);
  return everywhere && here && everywhere.untilMs < here.untilMs ? here : (everywhere ?? here);
}

/** Some key of the upstream, but for this one, that may be used now. */
export function hasOtherKey(
  record: ModelRecord,
  than: UpstreamKey | undefined,
  nowMs: number,
): boolean {
  const { keys = [] } = record.model.upstream;
  return keys.some(
    ({ name }) => name !== than?.name && coolDownOf(record, name, nowMs) === undefined,
  );
}
