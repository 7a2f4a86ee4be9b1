import { InvalidArgumentError, type Command } from 'commander';
import { readConfig } from '../config.ts';
import { createKey, listKeys, revokeKey, type ListedKey } from '../customers/keys/index.ts';
import { findFirstOrganization } from '../customers/organizations/index.ts';
import { systemClock } from '../platform/clock.ts';
import type { Context } from '../platform/context.ts';
import { inSystem, openDatabase } from '../platform/db/index.ts';
import { newId } from '../platform/ids.ts';
import { openVault } from '../platform/open-vault.ts';
import { CommandProblem } from './command-problem.ts';
import { printJson, type Surroundings } from './surroundings.ts';
import { printTable } from './table.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

interface CreateOptions {
  readonly rpm?: number;
  readonly models?: string;
  readonly expiresInDays?: number;
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
  $ sealgate keys create "math only" --models local/math --expires-in-days 30
  $ sealgate keys list
  $ sealgate keys revoke key_0mhx…`,
    );
  keys
    .command('create')
    .argument('<name>', 'what the key is for')
    .description('Create a key and print it, once: only its hash is kept')
    .option('--rpm <count>', 'requests per minute (default: SEALGATE_RATE_LIMIT_RPM)', parseCount)
    .option('--models <ids>', 'the only models it may use, separated by commas')
    .option('--expires-in-days <count>', 'when it ends by itself', parseCount)
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

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}

async function create(
  name: string,
  options: CreateOptions,
  surroundings: Surroundings,
): Promise<void> {
  const days = options.expiresInDays;
  const { key, secret } = await withOrganization(surroundings, (ctx, organizationId) =>
    createKey(ctx, {
      organizationId,
      name,
      rateLimitRpm: options.rpm,
      allowedModels: options.models?.split(',').map((id) => id.trim()),
      expiresAt: days === undefined ? undefined : new Date(ctx.clock() + days * DAY_MS),
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

async function withOrganization<T>(
  { env, stderr }: Surroundings,
  use: (ctx: Context, organizationId: string) => Promise<T>,
): Promise<T> {
  const { dataDir, databaseUrl, masterKey } = await readConfig(env);
  const database = await openDatabase({
    dataDir,
    databaseUrl: databaseUrl?.reveal(),
    role: 'command',
    onProgress: (text) => stderr.write(`${text} …\n`),
  });
  try {
    const organization = await inSystem(database, findFirstOrganization);
    if (organization === undefined) {
      throw new CommandProblem('There is no organization yet: run "sealgate start" once.');
    }
    const ctx: Context = {
      store: database.store,
      clock: systemClock,
      newId,
      vault: await openVault({ dataDir, masterKey }),
      actor: { kind: 'operator' },
    };
    return await use(ctx, organization.id);
  } finally {
    await database.close();
  }
}

function printKey(key: ListedKey): Readonly<Record<string, unknown>> {
  return {
    id: key.id,
    prefix: key.prefix,
    name: key.name,
    rate_limit_rpm: key.rateLimitRpm,
    allowed_models: key.allowedModels,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
  };
}

function printDay(date: Date | null): string {
  return date?.toISOString().slice(0, 10) ?? '-';
}
