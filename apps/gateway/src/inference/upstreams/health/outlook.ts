import { closureOf } from './reading.ts';
import type { ModelRecord } from './records.ts';

/** What the next request to a model has to expect: a few numbers, read for each candidate of each request. */
export interface Outlook {
  /** May it be asked now? */
  readonly isOpen: boolean;
  /** Probability that it fails, by how it did in the last half minute. */
  readonly failureRisk: number;
  /** Typical time to the first byte of a stream or to a whole answer; `undefined` before the first one. */
  readonly typicalMs: number | undefined;
}

/** Of a model that was never asked. */
export const NO_OUTLOOK: Outlook = { isOpen: true, failureRisk: 0, typicalMs: undefined };

/** Good requests that are taken for granted: one accident says little. */
const BENEFIT_OF_DOUBT = 4;

export function outlookOf(record: ModelRecord, isStream: boolean, nowMs: number): Outlook {
  const sketch = isStream ? record.streams : record.wholes;
  const good = (1 - riskAt(record, nowMs)) * (1 - riskAt(record.upstream, nowMs));
  return {
    isOpen: closureOf(record, nowMs) === undefined,
    failureRisk: 1 - good,
    typicalMs: sketch.quantileAt(0.5, nowMs),
  };
}

function riskAt({ circuit }: Pick<ModelRecord, 'circuit'>, nowMs: number): number {
  const { recent } = circuit;
  return recent.failureCountAt(nowMs) / (recent.countAt(nowMs) + BENEFIT_OF_DOUBT);
}
