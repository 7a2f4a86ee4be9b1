import { OutcomeWindow } from './outcome-window.ts';
import type { BreakerSettings } from './settings.ts';

/**
 * `open`: left alone, but for one probe at a time once its time has come. `trial`: a probe's answer has begun, or it was
 * closed lately; the next failure opens it again.
 */
export type CircuitState = 'closed' | 'trial' | 'open';

const WINDOW_MS = 30_000;
/** A ratio of fewer requests says nothing. */
const MIN_REQUESTS = 20;
const LONGEST_COOL_DOWN_MS = 60_000;
/** After this long a probe without an answer stands in nobody's way; what it brings still counts. */
const PROBE_MS = 30_000;

/**
 * A breaker for one model or one upstream. Every request begins with a ticket and reports under it once; a report of a
 * request from before the last opening is old news and changes nothing. Time is an argument.
 */
export class Circuit {
  readonly #settings: BreakerSettings;
  readonly #recent = new OutcomeWindow(WINDOW_MS);
  #failuresInARow = 0;
  /** Openings since the last success. */
  #openings = 0;
  /** `undefined`: closed. */
  #openUntilMs: number | undefined;
  #lastTicket = 0;
  #lastTicketBeforeOpening = 0;
  #probe: { readonly ticket: number; readonly untilMs: number } | undefined;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  get state(): CircuitState {
    if (this.#openUntilMs !== undefined) return 'open';
    return this.#openings > 0 ? 'trial' : 'closed';
  }

  get recent(): OutcomeWindow {
    return this.#recent;
  }

  /** When a request may begin; `undefined`: now. While a probe is out, nobody knows: then it is worth another look. */
  blockedUntilMs(nowMs: number): number | undefined {
    if (this.#openUntilMs === undefined) return undefined;
    if (nowMs < this.#openUntilMs) return this.#openUntilMs;
    const probe = this.#probe;
    if (probe === undefined || nowMs >= probe.untilMs) return undefined;
    return Math.min(probe.untilMs, nowMs + this.#settings.coolDownMs);
  }

  /** Only while it is not blocked. The ticket is for the report. */
  begin(nowMs: number): number {
    this.#lastTicket += 1;
    if (this.#openUntilMs !== undefined) {
      this.#probe = { ticket: this.#lastTicket, untilMs: nowMs + PROBE_MS };
    }
    return this.#lastTicket;
  }

  /** An answer has begun. That ends a probe's monopoly; whether the answer is good will be seen. */
  alive(ticket: number): void {
    if (this.#openUntilMs === undefined || this.#probe?.ticket !== ticket) return;
    this.#close();
    this.#failuresInARow = this.#settings.failures - 1;
  }

  /** `true`: it was not closed before. */
  succeeded(ticket: number, nowMs: number): boolean {
    if (ticket <= this.#lastTicketBeforeOpening) return false;
    const isRecovery = this.#openings > 0;
    if (this.#openUntilMs !== undefined) this.#close();
    this.#failuresInARow = 0;
    this.#openings = 0;
    this.#recent.add(false, nowMs);
    return isRecovery;
  }

  /** `true`: it has opened after a success. */
  failed(ticket: number, nowMs: number): boolean {
    if (ticket <= this.#lastTicketBeforeOpening) return false;
    if (this.#openUntilMs !== undefined) {
      const isOthersTurn = this.#probe !== undefined && this.#probe.ticket !== ticket;
      if (!isOthersTurn) this.#open(nowMs);
      return false;
    }
    this.#recent.add(true, nowMs);
    this.#failuresInARow += 1;
    if (this.#failuresInARow < this.#settings.failures && !this.#failsTooOften(nowMs)) return false;
    this.#open(nowMs);
    return this.#openings === 1;
  }

  /** Neither success nor failure, e.g. because the caller left: the next may probe at once. */
  released(ticket: number): void {
    if (this.#probe?.ticket === ticket) this.#probe = undefined;
  }

  #failsTooOften(nowMs: number): boolean {
    return (
      this.#recent.countAt(nowMs) >= MIN_REQUESTS &&
      this.#recent.failureRatioAt(nowMs) * 100 >= this.#settings.failurePercent
    );
  }

  #open(nowMs: number): void {
    const coolDownMs = this.#settings.coolDownMs * 2 ** this.#openings;
    this.#openUntilMs = nowMs + Math.min(coolDownMs, LONGEST_COOL_DOWN_MS);
    this.#openings += 1;
    this.#probe = undefined;
    this.#lastTicketBeforeOpening = this.#lastTicket;
  }

  #close(): void {
    this.#openUntilMs = undefined;
    this.#probe = undefined;
    this.#recent.clear();
  }
}
