import type { Clock } from '../../../platform/clock.ts';
import type { KeyOwner, UpstreamKey } from '../model.ts';
import type { Circuit } from './circuit.ts';
import type { HealthEvent } from './event.ts';
import { hasOtherKey, NO_KEY, type ModelRecord } from './records.ts';

/** How an attempt ended, as far as the health of its upstream and model goes. */
export type PassEnding =
  /** A good answer, to its end. */
  | 'success'
  /** The connection failed before there was an answer. */
  | 'upstream-failure'
  /** The host answers, but this model fails. */
  | 'model-failure'
  /** The host answers, and that is all that can be said: the request was at fault, or the key. */
  | 'no-evidence'
  /** Another attempt was faster: this one would have taken so long at least. */
  | 'outrun'
  /** The caller left, or it was never sent. */
  | 'abandoned';

export interface PassOptions {
  readonly isStream: boolean;
  readonly clock: Clock;
  readonly onEvent: (event: HealthEvent) => void;
}

/** Leave to send one request to a model with a key. To be ended once; what is said after that is not heard. */
export class Pass {
  readonly kind = 'pass';
  readonly key: UpstreamKey | undefined;
  readonly #record: ModelRecord;
  readonly #options: PassOptions;
  readonly #startedAtMs: number;
  readonly #upstreamTicket: number;
  readonly #modelTicket: number;
  #state: 'waiting' | 'begun' | 'ended' = 'waiting';
  #isOwnKeyRejected = false;

  constructor(record: ModelRecord, key: UpstreamKey | undefined, options: PassOptions) {
    this.key = key;
    this.#record = record;
    this.#options = options;
    this.#startedAtMs = options.clock();
    this.#upstreamTicket = record.upstream.circuit.begin(this.#startedAtMs);
    this.#modelTicket = record.circuit.begin(this.#startedAtMs);
  }

  /** The first byte of a stream is there: the model lives, and how it ends will be seen. */
  begun(): void {
    if (this.#state !== 'waiting') return;
    const nowMs = this.#options.clock();
    this.#answered(nowMs);
    this.#noteDuration(nowMs);
    this.#ownKeyAccepted();
    this.#record.circuit.alive(this.#modelTicket);
    this.#state = 'begun';
  }

  end(ending: PassEnding): void {
    if (this.#state === 'ended') return;
    const nowMs = this.#options.clock();
    switch (ending) {
      case 'success':
        this.#answered(nowMs);
        this.#noteDuration(nowMs);
        this.#ownKeyAccepted();
        this.#note(this.#record.circuit, true, nowMs);
        break;
      case 'model-failure':
        this.#answered(nowMs);
        this.#note(this.#record.circuit, false, nowMs);
        break;
      case 'upstream-failure':
        this.#note(this.#record.upstream.circuit, false, nowMs);
        break;
      case 'no-evidence':
        this.#answered(nowMs);
        break;
      case 'outrun':
        this.#noteDuration(nowMs);
        break;
      case 'abandoned':
    }
    this.#record.upstream.circuit.released(this.#upstreamTicket);
    this.#record.circuit.released(this.#modelTicket);
    this.#state = 'ended';
  }

  /** The upstream does not want to be asked for this model with this key for a while. */
  restsFor(forMs: number, reason: 'rate-limited' | 'busy'): void {
    const untilMs = this.#options.clock() + forMs;
    this.#record.coolDowns.start(this.#keyName, { reason, untilMs });
  }

  /**
   * The upstream does not take this key, for any model or for this one. `true`: it is left alone, and others serve. A key without
   * a substitute is not: one odd answer would take its upstream away from everybody, so its rejections are failures.
   */
  keyRejected(
    scope: 'upstream' | 'model',
    { status, forMs }: { readonly status: number; readonly forMs: number },
  ): boolean {
    const { upstream, coolDowns, model } = this.#record;
    const { owner } = model.upstream;
    if (owner) return this.#ownKeyRejected(owner, scope, status);
    const nowMs = this.#options.clock();
    this.#options.onEvent({
      kind: 'key-rejected',
      upstream: upstream.id,
      model: scope === 'model' ? model.id : undefined,
      key: this.#keyName,
      status,
    });
    if (!hasOtherKey(this.#record, this.key, nowMs)) return false;
    const coolDown = { reason: 'key-rejected', untilMs: nowMs + forMs } as const;
    (scope === 'upstream' ? upstream.coolDowns : coolDowns).start(this.#keyName, coolDown);
    return true;
  }

  /** It is its owner's business only, and their requests are to be told why they fail, not that there is no upstream. */
  #ownKeyRejected(owner: KeyOwner, scope: 'upstream' | 'model', status: number): false {
    this.#isOwnKeyRejected = true;
    (scope === 'upstream' ? this.#record.upstream : this.#record).ownKeyRejection = status;
    // 403 is said of a key that may not use this model: it may be good for others.
    if (scope === 'upstream') this.#options.onEvent({ kind: 'own-key-rejected', owner, status });
    return false;
  }

  #ownKeyAccepted(): void {
    const { owner } = this.#record.model.upstream;
    if (owner === undefined || this.#state !== 'waiting') return;
    this.#record.ownKeyRejection = undefined;
    this.#record.upstream.ownKeyRejection = undefined;
    this.#options.onEvent({ kind: 'own-key-used', owner });
  }

  get #keyName(): string {
    return this.key?.name ?? NO_KEY;
  }

  #answered(nowMs: number): void {
    if (this.#state === 'waiting') this.#note(this.#record.upstream.circuit, true, nowMs);
  }

  #noteDuration(nowMs: number): void {
    if (this.#state !== 'waiting') return;
    const { streams, wholes } = this.#record;
    (this.#options.isStream ? streams : wholes).add(nowMs - this.#startedAtMs, nowMs);
  }

  #note(circuit: Circuit, isGood: boolean, nowMs: number): void {
    const { upstream, model } = this.#record;
    const isModels = circuit === this.#record.circuit;
    const ticket = isModels ? this.#modelTicket : this.#upstreamTicket;
    // It fails for another reason now.
    if (!isGood && !this.#isOwnKeyRejected) {
      (isModels ? this.#record : upstream).ownKeyRejection = undefined;
    }
    const hasTurned = isGood ? circuit.succeeded(ticket, nowMs) : circuit.failed(ticket, nowMs);
    // Operators have nothing to mend where somebody else's key is used.
    if (!hasTurned || model.upstream.owner) return;
    this.#options.onEvent({
      kind: isGood ? 'recovered' : 'opened',
      upstream: upstream.id,
      model: isModels ? model.id : undefined,
    });
  }
}
