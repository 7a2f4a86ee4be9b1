import type { Clock } from '../../../platform/clock.ts';
import type { Model, Upstream, UpstreamKey } from '../model.ts';
import type { HealthEvent } from './event.ts';
import { NO_OUTLOOK, outlookOf, type Outlook } from './outlook.ts';
import { Pass } from './pass.ts';
import {
  closureOf,
  readModel,
  readUpstream,
  UNASKED,
  type Closure,
  type ModelReading,
  type UpstreamReading,
} from './reading.ts';
import { coolDownOf, hasOtherKey, Records, type ModelRecord } from './records.ts';
import type { ResilienceSettings } from './settings.ts';

const P95 = 0.95;

/** What is known of every upstream and model: who may be asked, with which key, how often again, and how long it takes. */
export class UpstreamHealth {
  readonly settings: ResilienceSettings;
  readonly #clock: Clock;
  readonly #onEvent: (event: HealthEvent) => void;
  readonly #records: Records;

  constructor(options: {
    readonly settings: ResilienceSettings;
    readonly clock: Clock;
    readonly onEvent: (event: HealthEvent) => void;
  }) {
    this.settings = options.settings;
    this.#clock = options.clock;
    this.#onEvent = options.onEvent;
    this.#records = new Records(options.settings);
  }

  /** For one attempt. After a cool-down only one request at a time gets a pass, as a probe. */
  enter(model: Model, isStream: boolean): Pass | Closure {
    const record = this.#records.of(model);
    const closure = closureOf(record, this.#clock());
    return closure ?? this.#passFor(record, this.#chooseKey(record), isStream);
  }

  /** The same for a second attempt beside one that is waiting: never as a probe, and never with the same key at the same model. */
  enterBeside(
    waiting: { readonly model: Model; readonly key: UpstreamKey | undefined },
    model: Model,
    isStream: boolean,
  ): Pass | undefined {
    const record = this.#records.of(model);
    const { circuit, upstream } = record;
    if (circuit.state !== 'closed' || upstream.circuit.state !== 'closed') return undefined;
    if (closureOf(record, this.#clock())) return undefined;
    if (model !== waiting.model) return this.#passFor(record, this.#chooseKey(record), isStream);
    const key = this.#chooseKey(record, waiting.key);
    return key && this.#passFor(record, key, isStream);
  }

  hasOtherKey(model: Model, than: UpstreamKey | undefined): boolean {
    return hasOtherKey(this.#records.of(model), than, this.#clock());
  }

  /** To be called once for each request that asks this upstream. */
  countRequest(upstream: Upstream): void {
    this.#records.ofUpstream(upstream).budget.deposit();
  }

  /** May a request ask this upstream once more? Using the leave costs a part of the upstream's budget. */
  mayAskAgain(upstream: Upstream): boolean {
    return this.#records.ofUpstream(upstream).budget.withdraw(this.#clock());
  }

  /** How long to wait for this model before another attempt is worth while; `undefined`: it never is. */
  hedgeDelayMs(model: Model, isStream: boolean): number | undefined {
    if (!this.isHedged(model.upstream)) return undefined;
    const record = this.#records.find(model);
    const { samples, atLeastMs } = this.settings.hedging;
    const nowMs = this.#clock();
    const sketch = isStream ? record?.streams : record?.wholes;
    if (sketch === undefined || sketch.weightAt(nowMs) < samples) return undefined;
    return Math.max(atLeastMs, sketch.quantileAt(P95, nowMs) ?? atLeastMs);
  }

  isHedged({ isHedged }: Upstream): boolean {
    return isHedged ?? this.settings.hedging.isOn;
  }

  closureOf(model: Model): Closure | undefined {
    const record = this.#records.find(model);
    return record && closureOf(record, this.#clock());
  }

  /** For routing: one term more to judge a candidate by. */
  outlookOf(model: Model, isStream: boolean): Outlook {
    const record = this.#records.find(model);
    return record ? outlookOf(record, isStream, this.#clock()) : NO_OUTLOOK;
  }

  /** Of the operator's keys. */
  of(modelId: string): ModelReading {
    return this.#read(this.#records.findById(modelId));
  }

  /** The same, of whosever key the model is asked with. */
  ofWay(model: Model): ModelReading {
    return this.#read(this.#records.find(model));
  }

  /** Of everything that was asked with the operator's keys since the start. */
  *models(): Generator<readonly [modelId: string, upstreamId: string, reading: ModelReading]> {
    for (const record of this.#records.models) {
      yield [record.model.id, record.upstream.id, readModel(record, this.#clock())];
    }
  }

  *upstreams(): Generator<readonly [upstreamId: string, reading: UpstreamReading]> {
    for (const record of this.#records.upstreams) {
      yield [record.id, readUpstream(record, this.#clock())];
    }
  }

  #read(record: ModelRecord | undefined): ModelReading {
    return record ? readModel(record, this.#clock()) : UNASKED;
  }

  /** The one place where an attempt gets its key. */
  #chooseKey(record: ModelRecord, except?: UpstreamKey): UpstreamKey | undefined {
    const { keys = [] } = record.model.upstream;
    if (keys.length <= 1 && except === undefined) return keys[0];
    const nowMs = this.#clock();
    const usable = keys.filter(
      (key) => key !== except && coolDownOf(record, key.name, nowMs) === undefined,
    );
    return record.upstream.rotation.choose(usable);
  }

  #passFor(record: ModelRecord, key: UpstreamKey | undefined, isStream: boolean): Pass {
    return new Pass(record, key, { isStream, clock: this.#clock, onEvent: this.#onEvent });
  }
}
