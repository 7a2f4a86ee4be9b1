import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { DatabaseProblem, openDatabase } from '../../platform/db/index.ts';
import { good, note, problem, type Finding } from './finding.ts';

const NAME = 'database';

export async function checkDatabase(config: Config): Promise<Finding> {
  const { dataDir, databaseUrl } = config;
  if (databaseUrl === undefined && !(await isThere(join(dataDir, 'postgres')))) {
    return note(NAME, `There is none in ${dataDir} yet; the first start makes it.`);
  }
  try {
    const database = await openDatabase({
      dataDir,
      databaseUrl: databaseUrl?.reveal(),
      role: 'command',
      onProgress: () => undefined,
    });
    const answer = await database.pool.query<{ version: string }>(
      `select current_setting('server_version') as version`,
    );
    await database.close();
    return good(NAME, `${database.kind} PostgreSQL ${answer.rows[0]?.version} answers.`);
  } catch (error) {
    if (!(error instanceof DatabaseProblem)) throw error;
    return problem(NAME, error.message, 'Then run the doctor again.');
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
