import {
  DEFAULT_PRICE_LIST,
  listAt,
  printPriceList,
  type PriceList,
  type ScheduledList,
  type StoredList,
} from '../../customers/billing/index.ts';
import { asOperator } from '../as-operator.ts';
import { printJson, type Surroundings } from '../surroundings.ts';
import { printTable } from '../table.ts';
import { printMoment, readSchedule, type Schedule } from './schedule.ts';

type State = 'past' | 'in force' | 'scheduled' | 'canceled';

interface Entry {
  readonly id: string | undefined;
  readonly source: 'built in' | 'sealgate.yaml' | 'database';
  readonly effectiveFromMs: number | undefined;
  readonly state: State;
  readonly list: PriceList;
  readonly reason: string | undefined;
}

export async function list(
  { json }: { readonly json?: boolean },
  surroundings: Surroundings,
): Promise<void> {
  const entries = await asOperator(surroundings, async (ctx, config) =>
    entriesOf(await readSchedule(ctx, config), ctx.clock()),
  );
  if (json) return printJson(surroundings, entries.map(printEntry));
  surroundings.stdout.write(printTable([HEADING, ...entries.map(describe)]));
}

function entriesOf({ lists, canceled }: Schedule, nowMs: number): readonly Entry[] {
  const { scheduled: current } = listAt(lists, nowMs);
  const stateOf = (each: ScheduledList): State => {
    if (each === current) return 'in force';
    return each.effectiveFromMs > nowMs ? 'scheduled' : 'past';
  };
  return [
    {
      id: undefined,
      source: 'built in',
      effectiveFromMs: undefined,
      state: current === undefined ? 'in force' : 'past',
      list: DEFAULT_PRICE_LIST,
      reason: undefined,
    },
    ...lists.map((each) => entryOf(each, stateOf(each))),
    ...canceled.map((each) => ({ ...entryOf(each, 'canceled'), reason: each.cancelReason })),
  ];
}

const entryOf = (each: ScheduledList | StoredList, state: State): Entry => ({
  id: each.id,
  source: each.id === undefined ? 'sealgate.yaml' : 'database',
  effectiveFromMs: each.effectiveFromMs,
  state,
  list: each.list,
  reason: 'reason' in each ? each.reason : undefined,
});

const HEADING = [
  'EFFECTIVE FROM',
  'STATE',
  'SOURCE',
  'FAST',
  'BALANCED',
  'PASSTHROUGH',
  'OWN KEY',
  'CACHE HITS',
  'REASON',
];

function describe({ id, source, effectiveFromMs, state, list, reason }: Entry): readonly string[] {
  const printed = printPriceList(list);
  return [
    effectiveFromMs === undefined ? 'always' : printMoment(effectiveFromMs),
    state,
    id ?? source,
    `${printed.fast.input}/${printed.fast.output}`,
    `${printed.balanced.input}/${printed.balanced.output}`,
    `x ${printed.passthrough_factor}`,
    `x ${printed.byok.share} + $${printed.byok.fee_usd}`,
    `x ${printed.cache_hit_share}`,
    reason ?? '',
  ];
}

const printEntry = ({ id, source, effectiveFromMs, state, list, reason }: Entry) => ({
  id: id ?? null,
  source,
  effective_from: effectiveFromMs === undefined ? null : printMoment(effectiveFromMs),
  state,
  reason: reason ?? null,
  prices: printPriceList(list),
});
