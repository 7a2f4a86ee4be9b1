import { InvalidArgumentError } from 'commander';
import {
  findTariff,
  listAt,
  momentField,
  printPriceList,
  printTariff,
  type StoredList,
} from '../../customers/billing/index.ts';
import type { Config } from '../../config.ts';
import type { Context } from '../../platform/context.ts';
import { asOperator } from '../as-operator.ts';
import { CommandProblem } from '../command-problem.ts';
import { printJson, type Surroundings } from '../surroundings.ts';
import { printTable } from '../table.ts';
import { printMoment, readSchedule } from './schedule.ts';

export interface ShowOptions {
  readonly at?: number;
  readonly json?: boolean;
}

type Facts = Readonly<Record<string, unknown>>;

export async function show(
  id: string | undefined,
  { at, json }: ShowOptions,
  surroundings: Surroundings,
): Promise<void> {
  const facts = await asOperator(surroundings, (ctx, config) => {
    if (id === undefined) return factsAt(ctx, config, at ?? ctx.clock());
    return id.startsWith('prc_') ? tariffFacts(ctx, id) : listFacts(ctx, config, id);
  });
  if (json) return printJson(surroundings, facts);
  surroundings.stdout.write(printTable([['WHAT', 'VALUE'], ...flatten(facts)]));
}

/** For commander. */
export function readMoment(text: string): number {
  const moment = momentField('').safeParse(text);
  if (moment.success) return moment.data;
  throw new InvalidArgumentError(`It ${moment.error.issues[0]?.message}.`);
}

async function factsAt(ctx: Context, config: Config, ms: number): Promise<Facts> {
  const { lists } = await readSchedule(ctx, config);
  const { list, scheduled, untilMs } = listAt(lists, ms);
  return {
    id: scheduled?.id ?? null,
    source: sourceOf(scheduled),
    effective_from: scheduled ? printMoment(scheduled.effectiveFromMs) : null,
    until: untilMs === Infinity ? null : printMoment(untilMs),
    prices: printPriceList(list),
  };
}

const sourceOf = (scheduled: { readonly id: string | undefined } | undefined): string => {
  if (scheduled === undefined) return 'built in';
  return scheduled.id === undefined ? 'sealgate.yaml' : 'database';
};

async function listFacts(ctx: Context, config: Config, id: string): Promise<Facts> {
  const { lists, canceled } = await readSchedule(ctx, config);
  const found = [...lists, ...canceled].find((each): each is StoredList => each.id === id);
  if (found === undefined) {
    throw new CommandProblem(`There is no price list ${id}. "sealgate prices list" shows all.`);
  }
  return {
    id,
    effective_from: printMoment(found.effectiveFromMs),
    created_at: found.createdAt.toISOString(),
    reason: found.reason,
    canceled_at: found.canceledAt?.toISOString() ?? null,
    cancel_reason: found.cancelReason ?? null,
    prices: printPriceList(found.list),
  };
}

async function tariffFacts(ctx: Context, version: string): Promise<Facts> {
  const charged = await findTariff(ctx, version);
  if (charged === undefined) {
    throw new CommandProblem(`Nothing was charged by ${version} here, as far as it was kept.`);
  }
  const { tariff, firstUsedAt } = charged;
  return { version, first_used_at: firstUsedAt.toISOString(), ...printTariff(tariff) };
}

/** `prices.fast.input`, `0.60`. */
function flatten(facts: Facts, prefix = ''): readonly (readonly [string, string])[] {
  return Object.entries(facts).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? flatten(value as Facts, `${prefix}${name}.`)
      : [[`${prefix}${name}`, typeof value === 'string' ? value : '-'] as const],
  );
}
