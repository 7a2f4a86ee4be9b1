import { nanoUsd, parseUsd, printUsd, type NanoUsd } from '@sealgate/contract';
import { InvalidArgumentError, type Command } from 'commander';
import { adjust, credit, refund, type BookedTransfer } from '../customers/billing/index.ts';
import type { Context } from '../platform/context.ts';
import { asOperator, firstOrganizationId } from './as-operator.ts';
import { printJson, type Surroundings } from './surroundings.ts';

interface WalletOptions {
  readonly organization?: string;
  readonly reason: string;
  readonly json?: boolean;
}

interface AmountOptions extends WalletOptions {
  readonly amount: NanoUsd;
}

interface RefundOptions extends WalletOptions {
  readonly generation: string;
}

export function addWalletCommand(program: Command, surroundings: Surroundings): void {
  const wallet = program
    .command('wallet')
    .description('Credit, adjust and refund wallets; every entry stays in the ledger')
    .addHelpText(
      'after',
      `
The commands work on the data directory (SEALGATE_DATA_DIR) or DATABASE_URL, whether the gateway runs or not.

Examples:
  $ sealgate wallet credit --amount 25.00 --reason "bank transfer 4711"
  $ sealgate wallet adjust --organization org_0mhx… --amount -5.00 --reason "credited twice"
  $ sealgate wallet refund --generation gen_0mhx… --reason "the answer was cut off"`,
    );
  walletCommand(wallet, 'credit', 'Book money that came in, e.g. by bank transfer')
    .requiredOption('--amount <usd>', 'how much, e.g. 25.00', parseAmount)
    .action((options: AmountOptions) =>
      book(surroundings, options, (ctx, shared) =>
        credit(ctx, { ...shared, amountNano: options.amount }),
      ),
    );
  walletCommand(wallet, 'adjust', 'Correct a wallet; a negative amount takes off')
    .requiredOption('--amount <usd>', 'how much, e.g. -5.00', parseAmount)
    .action((options: AmountOptions) =>
      book(surroundings, options, (ctx, shared) =>
        adjust(ctx, { ...shared, amountNano: options.amount }),
      ),
    );
  walletCommand(wallet, 'refund', 'Give back what a generation cost, once')
    .requiredOption('--generation <id>', 'which one')
    .action((options: RefundOptions) =>
      book(surroundings, options, (ctx, shared) =>
        refund(ctx, { ...shared, generationId: options.generation }),
      ),
    );
}

const walletCommand = (wallet: Command, name: string, description: string): Command =>
  wallet
    .command(name)
    .description(description)
    .option('--organization <id>', 'whose wallet (default: that of the first start)')
    .requiredOption('--reason <text>', 'why; the organization can read it')
    .option('--json', 'print JSON');

function parseAmount(text: string): NanoUsd {
  const amount = parseUsd(text);
  if (amount === undefined)
    throw new InvalidArgumentError('It must be an amount of US dollars such as 25.00.');
  return amount;
}

interface Shared {
  readonly organizationId: string;
  readonly reason: string;
}

async function book(
  surroundings: Surroundings,
  { organization, reason, json }: WalletOptions,
  verb: (ctx: Context, shared: Shared) => Promise<BookedTransfer>,
): Promise<void> {
  await asOperator(surroundings, async (ctx) => {
    const organizationId = organization ?? (await firstOrganizationId(ctx));
    const { id, amountNano, balanceNano } = await verb(ctx, { organizationId, reason });
    const [amount, balance] = [printUsd(amountNano), printUsd(nanoUsd(balanceNano))];
    if (json) {
      printJson(surroundings, {
        transfer_id: id,
        organization_id: organizationId,
        amount_usd: amount,
        balance_usd: balance,
      });
    } else {
      surroundings.stdout.write(
        `${organizationId} has ${balance} USD now, after ${amount} USD (${id}).\n`,
      );
    }
  });
}
