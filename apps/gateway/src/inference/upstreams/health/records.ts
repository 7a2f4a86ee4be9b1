import type { Model, UpstreamKey } from '../model.ts';
import { Circuit } from './circuit.ts';
import { CoolDowns, type CoolDown } from './cool-downs.ts';
import { LatencySketch } from './latency-sketch.ts';
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
}

/** What is remembered of one model. */
export interface ModelRecord {
  readonly upstream: UpstreamRecord;
  readonly circuit: Circuit;
  /** Of keys for this model. */
  readonly coolDowns: CoolDowns;
  /** Times to the first byte of streams. */
  readonly streams: LatencySketch;
  /** Times to whole answers. */
  readonly wholes: LatencySketch;
  /** As the last request saw it: the catalogue may bring another one under the same id. */
  model: Model;
}

/** Everything that was ever asked, by id: upstreams and models outlive the catalogues that name them. */
export class Records {
  readonly #settings: ResilienceSettings;
  readonly #upstreams = new Map<string, UpstreamRecord>();
  readonly #models = new Map<string, ModelRecord>();

  constructor(settings: ResilienceSettings) {
    this.#settings = settings;
  }

  of(model: Model): ModelRecord {
    const known = this.#models.get(model.id);
    if (known) {
      known.model = model;
      return known;
    }
    const record: ModelRecord = {
      upstream: this.ofUpstream(model.upstream.id),
      circuit: new Circuit(this.#settings.breaker),
      coolDowns: new CoolDowns(),
      streams: new LatencySketch(),
      wholes: new LatencySketch(),
      model,
    };
    this.#models.set(model.id, record);
    return record;
  }

  ofUpstream(id: string): UpstreamRecord {
    const known = this.#upstreams.get(id);
    if (known) return known;
    const record: UpstreamRecord = {
      id,
      circuit: new Circuit(this.#settings.breaker),
      budget: new RetryBudget(this.#settings.retries.budgetPercent),
      rotation: new Rotation(),
      coolDowns: new CoolDowns(),
    };
    this.#upstreams.set(id, record);
    return record;
  }

  find(modelId: string): ModelRecord | undefined {
    return this.#models.get(modelId);
  }

  get models(): Iterable<ModelRecord> {
    return this.#models.values();
  }

  get upstreams(): Iterable<UpstreamRecord> {
    return this.#upstreams.values();
  }
}

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
