import { DEFAULT_PRICE_LIST, type PriceList } from '../pricing/tariff.ts';

/** What is charged from a moment on, until the next list takes effect. */
export interface ScheduledList {
  readonly effectiveFromMs: number;
  readonly list: PriceList;
  /** `undefined`: it stands in `sealgate.yaml`. */
  readonly id: string | undefined;
}

/** In the order in which they take effect. Of two at one moment that of the database counts: it comes last. */
export const inOrder = (lists: readonly ScheduledList[]): readonly ScheduledList[] =>
  lists.toSorted(
    (one, other) => one.effectiveFromMs - other.effectiveFromMs || placeOf(one) - placeOf(other),
  );

const placeOf = ({ id }: ScheduledList): number => (id === undefined ? 0 : 1);

export interface ListInForce {
  readonly list: PriceList;
  /** `undefined`: nobody has made one that has taken effect by then. */
  readonly scheduled: ScheduledList | undefined;
  readonly fromMs: number;
  /** When the next one takes over. */
  readonly untilMs: number;
}

/** The latest list that has taken effect by then, wherever it stands; before the first one, what is built in. */
export function listAt(ordered: readonly ScheduledList[], nowMs: number): ListInForce {
  const scheduled = ordered.findLast(({ effectiveFromMs }) => effectiveFromMs <= nowMs);
  const next = ordered.find(({ effectiveFromMs }) => effectiveFromMs > nowMs);
  return {
    list: scheduled?.list ?? DEFAULT_PRICE_LIST,
    scheduled,
    fromMs: scheduled?.effectiveFromMs ?? -Infinity,
    untilMs: next?.effectiveFromMs ?? Infinity,
  };
}
