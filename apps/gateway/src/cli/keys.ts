import { printUsd, nanoUsd } from '@sealgate/contract';
import type { Command } from 'commander';
import { createKey, listKeys, revokeKey, type ListedKey } from '../customers/keys/index.ts';
import type { Context } from '../platform/context.ts';
import { asOperator, firstOrganizationId } from './as-operator.ts';
import { addKeyOptions, type KeyOptions } from './key-options.ts';
import { printJson, type Surroundings } from './surroundings.ts';
import { printTable } from './table.ts';

interface CreateOptions extends KeyOptions {
  readonly json?: boolean;
}

export function addKeysCommand(program: Command, surroundings: Surroundings): void {
  const keys = program
    .command('keys')
    .description('Create, list and revoke API keys of this installation')
    .addHelpText(
      'after',
      `
The commands work on the data directory (SEALGATE_DATA_DIR) or DATABASE_URL, whether the gateway runs or not.

Examples:
  $ sealgate keys create "staging" --rpm 600
  $ sealgate keys create "math only" --models local/math --expires 30d
  $ sealgate keys create "office" --cap 100.00 --geo overseas-only --ip 203.0.113.0/24
  $ sealgate keys list
  $ sealgate keys revoke key_0mhx…`,
    );
  addKeyOptions(keys.command('create'))
    .argument('<name>', 'what the key is for')
    .description('Create a key and print it, once: only its hash is kept')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ sealgate keys create "staging"
  $ export SEALGATE_API_KEY=$(sealgate keys create "my shell")`,
    )
    .action((name: string, options: CreateOptions) => create(name, options, surroundings));
  keys
    .command('list')
    .description('List the keys, the newest first; their secrets are not kept')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ sealgate keys list')
    .action((options: { readonly json?: boolean }) => list(options, surroundings));
  keys
    .command('revoke')
    .argument('<id>', 'the id that "keys list" shows')
    .description('Revoke a key; running gateways refuse it within a second')
    .addHelpText('after', '\nExample:\n  $ sealgate keys revoke key_0mhx…')
    .action((id: string) => revoke(id, surroundings));
}

async function create(
  name: string,
  options: CreateOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { key, secret } = await withOrganization(surroundings, (ctx, organizationId) =>
    createKey(ctx, {
      organizationId,
      name,
      rateLimitRpm: options.rpm,
      allowedModels: options.models,
      expiresAt: options.expires?.(ctx.clock()),
      monthlySpendCapNano: options.cap,
      geoPolicy: options.geo,
      ipAllowList: options.ip,
    }),
  );
  if (options.json) return printJson(surroundings, { ...printKey(key), secret: secret.reveal() });
  surroundings.stderr.write(`The key "${name}" (${key.id}) is shown only this once:\n`);
  surroundings.stdout.write(`${secret.reveal()}\n`);
}

async function list(
  options: { readonly json?: boolean },
  surroundings: Surroundings,
): Promise<void> {
  const keys = await withOrganization(surroundings, (ctx, organizationId) =>
    listKeys(ctx, organizationId),
  );
  if (options.json) return printJson(surroundings, keys.map(printKey));
  const rows = keys.map((key) => [
    key.id,
    `${key.prefix}…`,
    key.name,
    printDay(key.createdAt),
    printDay(key.lastUsedAt),
    key.revokedAt === null ? printDay(key.expiresAt) : 'revoked',
  ]);
  const heading = ['ID', 'KEY', 'NAME', 'CREATED', 'LAST USED', 'ENDS'];
  surroundings.stdout.write(printTable([heading, ...rows]));
}

async function revoke(id: string, surroundings: Surroundings): Promise<void> {
  await withOrganization(surroundings, (ctx, organizationId) =>
    revokeKey(ctx, { id, organizationId }),
  );
  surroundings.stderr.write(`${id} is revoked.\n`);
}

const withOrganization = <Result>(
  surroundings: Surroundings,
  use: (ctx: Context, organizationId: string) => Promise<Result>,
): Promise<Result> =>
  asOperator(surroundings, async (ctx) => use(ctx, await firstOrganizationId(ctx)));

function printKey(key: ListedKey): Readonly<Record<string, unknown>> {
  return {
    id: key.id,
    prefix: key.prefix,
    name: key.name,
    rate_limit_rpm: key.rateLimitRpm,
    allowed_models: key.allowedModels,
    geo_policy: key.geoPolicy,
    ip_allow_list: key.ipAllowList,
    monthly_spend_cap_usd:
      key.monthlySpendCapNano === null ? null : printUsd(nanoUsd(key.monthlySpendCapNano)),
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
  };
}

function printDay(date: Date | null): string {
  return date?.toISOString().slice(0, 10) ?? '-';
}
