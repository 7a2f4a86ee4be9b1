import { InvalidArgumentError, type Command } from 'commander';
import {
  addPriceList,
  PriceListFields,
  printPriceList,
  type StoredList,
} from '../../customers/billing/index.ts';
import { asOperator } from '../as-operator.ts';
import { CommandProblem } from '../command-problem.ts';
import { printJson, type Surroundings } from '../surroundings.ts';
import { printMoment } from './schedule.ts';
import { readMoment } from './show.ts';

type Fields = Partial<PriceListFields>;

interface SetOptions {
  /** Without it: now. */
  readonly from?: number | 'now';
  readonly reason: string;
  readonly json?: boolean;
  readonly fast?: Fields;
  readonly balanced?: Fields;
  readonly passthrough?: Fields;
  readonly byokShare?: Fields;
  readonly byokFee?: Fields;
  readonly cacheHits?: Fields;
}

export function addSetCommand(prices: Command, surroundings: Surroundings): void {
  prices
    .command('set')
    .description('Charge other prices from a moment on; what is not named stays as it is then')
    .option('--from <moment>', 'when, or "now"', (text) =>
      text === 'now' ? text : readMoment(text),
    )
    .option('--fast <in/out>', 'USD per million tokens, e.g. 0.60/2.40', pair('fast'))
    .option('--balanced <in/out>', 'USD per million tokens, e.g. 3.00/12.00', pair('balanced'))
    .option('--passthrough <factor>', 'on list prices, e.g. 1.05', (factor) =>
      read({ passthrough_factor: factor }),
    )
    .option('--byok-share <factor>', 'of list prices, for own provider keys', (share) =>
      read({ byok: { share } }),
    )
    .option('--byok-fee <usd>', 'for each request with an own provider key', (fee) =>
      read({ byok: { fee_usd: fee } }),
    )
    .option(
      '--cache-hits <share>',
      'of its price for an answer from the cache, e.g. 0.25',
      (share) => read({ cache_hit_share: share }),
    )
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A list cannot be changed afterwards; "prices cancel" takes it back while it has not taken effect. Every gateway switches at
the moment itself: name one that lies some minutes ahead. "now" reaches each within a second or so.

Examples:
  $ sealgate prices set --from 2026-12-01T00:00:00Z --fast 0.55/2.20 --reason "cheaper hardware"
  $ sealgate prices set --passthrough 1.04 --byok-fee 0.0001 --reason "decision 17"`,
    )
    .action((options: SetOptions) => set(options, surroundings));
}

async function set(options: SetOptions, surroundings: Surroundings): Promise<void> {
  const { from, reason, json } = options;
  const effectiveFromMs = from === 'now' ? undefined : from;
  const fields = fieldsOf(options);
  if (Object.keys(fields).length === 0) {
    throw new CommandProblem('Say what changes: --fast, --balanced, --passthrough, …');
  }
  const stored = await asOperator(surroundings, (ctx, { priceLists }) =>
    addPriceList(ctx, priceLists, { effectiveFromMs, fields, reason }),
  );
  if (json) return printJson(surroundings, printStored(stored));
  const moment = printMoment(stored.effectiveFromMs);
  surroundings.stdout.write(`${stored.id} is in force from ${moment} on.\n`);
}

const fieldsOf = (options: SetOptions): Fields => {
  const byok = { ...options.byokShare?.byok, ...options.byokFee?.byok };
  return {
    ...options.fast,
    ...options.balanced,
    ...options.passthrough,
    ...options.cacheHits,
    ...(Object.keys(byok).length > 0 && { byok }),
  };
};

const printStored = ({ id, effectiveFromMs, list, reason }: StoredList) => ({
  id,
  effective_from: printMoment(effectiveFromMs),
  reason,
  prices: printPriceList(list),
});

const pair =
  (tier: 'fast' | 'balanced') =>
  (text: string): Fields => {
    const [input, output, ...rest] = text.split('/');
    if (output === undefined || rest.length > 0)
      throw new InvalidArgumentError('It must be two prices, as in 0.60/2.40.');
    return read({ [tier]: { input, output } });
  };

/** One option is one field of a list, and is understood as it would be in `sealgate.yaml`. */
function read(fields: unknown): Fields {
  const parsed = PriceListFields.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`It ${parsed.error.issues[0]?.message}.`);
}
