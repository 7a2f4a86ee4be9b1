import { Sealgate, type Model } from '@sealgate/sdk';
import type { Command } from 'commander';
import { addAddressOptions, findGateway, type AddressOptions } from './gateway-address.ts';
import { printJson, type Surroundings } from './surroundings.ts';
import { printTable } from './table.ts';

interface ModelsOptions extends AddressOptions {
  readonly json?: boolean;
}

export function addModelsCommand(program: Command, surroundings: Surroundings): void {
  addAddressOptions(program.command('models'))
    .description('List the tiers and models that a key may use, with their prices')
    .option('--json', 'print what the gateway answers')
    .addHelpText(
      'after',
      `
Examples:
  $ sealgate models
  $ sealgate models --json | jq -r '.data[].id'`,
    )
    .action((options: ModelsOptions) => listModels(options, surroundings));
}

async function listModels(options: ModelsOptions, surroundings: Surroundings): Promise<void> {
  const { url, key } = findGateway(options, surroundings.env);
  const list = await new Sealgate({ baseURL: `${url}/v1`, apiKey: key }).models.list();
  if (options.json) return printJson(surroundings, list);
  const heading = ['MODEL', 'BY', 'IN/M', 'OUT/M', 'CONTEXT', 'HEALTH', 'CAN'];
  surroundings.stdout.write(printTable([heading, ...list.data.map(describe)]));
}

function describe({ id, owned_by: owner, nexevo = {} }: Model): readonly string[] {
  const { prompt, completion } = nexevo.pricing ?? {};
  return [
    id,
    owner,
    prompt === undefined ? '-' : `$${prompt}`,
    completion === undefined ? '-' : `$${completion}`,
    nexevo.context_length?.toString() ?? '-',
    nexevo.health ?? '-',
    nexevo.capabilities?.join(' ') ?? 'a tier: picks a model for you',
  ];
}
