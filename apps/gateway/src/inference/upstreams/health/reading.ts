import type { Circuit } from './circuit.ts';
import type { CoolDown } from './cool-downs.ts';
import type { LatencySketch } from './latency-sketch.ts';
import { coolDownOf, NO_KEY, type ModelRecord, type UpstreamRecord } from './records.ts';

/** `degraded`: asked as usual, but lately it failed now and then, or has just come back. */
export type HealthState = 'healthy' | 'degraded' | 'unavailable';

/** Why a model is not asked, and until when. */
export interface Closure {
  readonly kind: 'closure';
  readonly reason: 'circuit' | CoolDown['reason'];
  readonly untilMs: number;
  /** What the provider answers to an organization's own key that it does not take. */
  readonly ownKeyRejection?: number | undefined;
}

export interface Durations {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface UpstreamReading {
  readonly state: HealthState;
  /** Of what was asked in the last half minute; 0 to 1. */
  readonly failureRatio: number;
  readonly closure: Closure | undefined;
}

export interface ModelReading extends UpstreamReading {
  /** `undefined` before the first answer. */
  readonly streamFirstByte: Durations | undefined;
  readonly wholeAnswer: Durations | undefined;
}

/** Of a model that was never asked. */
export const UNASKED: ModelReading = {
  state: 'healthy',
  failureRatio: 0,
  closure: undefined,
  streamFirstByte: undefined,
  wholeAnswer: undefined,
};

/** So many failures are more than an accident. */
const DEGRADED_RATIO = 0.1;

export function readUpstream(record: UpstreamRecord, nowMs: number): UpstreamReading {
  return readingOf(record.circuit, circuitClosure(record, nowMs), nowMs);
}

export function readModel(record: ModelRecord, nowMs: number): ModelReading {
  return {
    ...readingOf(record.circuit, closureOf(record, nowMs), nowMs),
    streamFirstByte: durationsOf(record.streams, nowMs),
    wholeAnswer: durationsOf(record.wholes, nowMs),
  };
}

/** What keeps the model from being asked now; `undefined`: nothing. */
export function closureOf(record: ModelRecord, nowMs: number): Closure | undefined {
  const circuits = [circuitClosure(record.upstream, nowMs), circuitClosure(record, nowMs)].flatMap(
    (closure) => closure ?? [],
  );
  return latest(circuits) ?? keyClosure(record, nowMs);
}

function circuitClosure(
  { circuit, ownKeyRejection }: Pick<UpstreamRecord, 'circuit' | 'ownKeyRejection'>,
  nowMs: number,
): Closure | undefined {
  const untilMs = circuit.blockedUntilMs(nowMs);
  if (untilMs === undefined) return undefined;
  return ownKeyRejection === undefined
    ? { kind: 'closure', reason: 'circuit', untilMs }
    : { kind: 'closure', reason: 'key-rejected', untilMs, ownKeyRejection };
}

/** With several keys, the one that is back first counts. */
function keyClosure(record: ModelRecord, nowMs: number): Closure | undefined {
  const { keys = [] } = record.model.upstream;
  const names = keys.length === 0 ? [NO_KEY] : keys.map(({ name }) => name);
  let first: CoolDown | undefined;
  for (const name of names) {
    const coolDown = coolDownOf(record, name, nowMs);
    if (coolDown === undefined) return undefined;
    if (first === undefined || coolDown.untilMs < first.untilMs) first = coolDown;
  }
  return first && { kind: 'closure', ...first };
}

const latest = (closures: readonly Closure[]): Closure | undefined =>
  closures.toSorted((one, other) => other.untilMs - one.untilMs)[0];

function readingOf(circuit: Circuit, closure: Closure | undefined, nowMs: number): UpstreamReading {
  const failureRatio = circuit.recent.failureRatioAt(nowMs);
  const isSuspect = circuit.state !== 'closed' || failureRatio >= DEGRADED_RATIO;
  const state = closure ? 'unavailable' : isSuspect ? 'degraded' : 'healthy';
  return { state, failureRatio, closure };
}

function durationsOf(sketch: LatencySketch, nowMs: number): Durations | undefined {
  const p50Ms = sketch.quantileAt(0.5, nowMs);
  const p95Ms = sketch.quantileAt(0.95, nowMs);
  return p50Ms === undefined || p95Ms === undefined ? undefined : { p50Ms, p95Ms };
}
