import { readConfig, type Config } from '../config.ts';
import { findFirstOrganization } from '../customers/organizations/index.ts';
import { systemClock } from '../platform/clock.ts';
import type { Context } from '../platform/context.ts';
import { inSystem, openDatabase } from '../platform/db/index.ts';
import { newId } from '../platform/ids.ts';
import { checkMasterKey, openVault } from '../platform/master-key/index.ts';
import { CommandProblem } from './command-problem.ts';
import type { Surroundings } from './surroundings.ts';

/** Works on the data directory or DATABASE_URL, whether the gateway runs or not. */
export async function asOperator<Result>(
  { env, stderr }: Surroundings,
  use: (ctx: Context, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = await readConfig(env);
  const { dataDir, databaseUrl, masterKey } = config;
  const database = await openDatabase({
    dataDir,
    databaseUrl: databaseUrl?.reveal(),
    role: 'command',
    onProgress: (text) => stderr.write(`${text} …\n`),
  });
  try {
    const vault = await openVault(masterKey);
    await checkMasterKey(database, vault);
    const ctx: Context = {
      store: database.store,
      clock: systemClock,
      newId,
      vault,
      actor: { kind: 'operator' },
    };
    return await use(ctx, config);
  } finally {
    await database.close();
  }
}

/** The organization of the first start. */
export async function firstOrganizationId(ctx: Context): Promise<string> {
  const organization = await inSystem(ctx, findFirstOrganization);
  if (organization !== undefined) return organization.id;
  throw new CommandProblem('There is no organization yet: run "sealgate start" once.');
}
