import { Option, type Command } from 'commander';
import { join } from 'node:path';
import { readConfig, type Config } from '../config.ts';
import { systemClock } from '../platform/clock.ts';
import { openDatabase } from '../platform/db/index.ts';
import { newId } from '../platform/ids.ts';
import {
  describeSource,
  findFolderKey,
  prepareFolderKey,
  readMasterKey,
  replaceFolderKey,
  rotateMasterKey,
  splitCommand,
  type Rotation,
} from '../platform/master-key/index.ts';
import type { Secret } from '../platform/secret.ts';
import { createVault } from '../platform/vault.ts';
import { CommandProblem } from './command-problem.ts';
import { printJson, type Surroundings } from './surroundings.ts';
import { printTable } from './table.ts';

interface RotateOptions {
  readonly oldKeyFile?: string;
  readonly oldKeyCommand?: string;
  readonly oldKeyIsLost?: boolean;
  readonly json?: boolean;
}

export function addMasterKeyCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('master-key')
    .description('Change the key under which secrets in the database are sealed')
    .command('rotate')
    .description('Seal everything anew, under the key that the configuration gives now')
    .addOption(
      new Option('--old-key-file <path>', 'where the old key is').conflicts([
        'oldKeyCommand',
        'oldKeyIsLost',
      ]),
    )
    .addOption(
      new Option('--old-key-command <command>', 'what prints the old key').conflicts(
        'oldKeyIsLost',
      ),
    )
    .option('--old-key-is-lost', 'go on without it: what was sealed under it stays closed')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action((options: RotateOptions) => rotate(surroundings, options));
}

const HELP = `
Stop every gateway of the database first. When it is broken off, run it again with the same keys: it goes on where it stood, and
until it has ended no gateway starts.

Without SEALGATE_MASTER_KEY, _FILE or _COMMAND the key is master.key in the data folder. Then a new one is made, and the old one is
kept beside it as master.key.old. Otherwise give the new key by one of these variables; the old one is master.key in the data folder,
unless an option says where it is.

Examples:
  $ sealgate master-key rotate
  $ SEALGATE_MASTER_KEY_COMMAND="…" sealgate master-key rotate
  $ SEALGATE_MASTER_KEY_FILE=/etc/sealgate/new.key sealgate master-key rotate --old-key-file /etc/sealgate/old.key
  $ sealgate master-key rotate --old-key-command "printenv OLD_KEY"`;

/** The old key and the new one, and what is to be done when everything is sealed under the latter. */
interface Change {
  readonly from: Secret | undefined;
  readonly to: Secret;
  /** Says what became of the old one. */
  readonly finish: () => Promise<string>;
}

async function rotate(surroundings: Surroundings, options: RotateOptions): Promise<void> {
  const { env, stderr } = surroundings;
  const config = await readConfig(env);
  const change = await changeOf(config, options);
  const database = await openDatabase({
    dataDir: config.dataDir,
    databaseUrl: config.databaseUrl?.reveal(),
    role: 'command',
    isAlone: true,
    onProgress: (text) => stderr.write(`${text} …\n`),
  });
  try {
    const ctx = {
      store: database.store,
      clock: systemClock,
      newId,
      vault: createVault(change.to),
      actor: { kind: 'operator' },
    } as const;
    const from = change.from && createVault(change.from);
    const rotation = await rotateMasterKey(ctx, { from });
    report(surroundings, options, { rotation, remark: await change.finish() });
  } finally {
    await database.close();
  }
}

async function changeOf(config: Config, options: RotateOptions): Promise<Change> {
  const { masterKey, dataDir } = config;
  const folderPath = join(dataDir, 'master.key');
  const given = await givenOldKey(options);
  if (masterKey.kind === 'data-folder' && given === undefined && options.oldKeyIsLost !== true) {
    return changeInFolder(folderPath);
  }
  const to = await readMasterKey(masterKey);
  const folderKey = masterKey.kind === 'data-folder' ? undefined : await findFolderKey(folderPath);
  if (options.oldKeyIsLost === true) return { from: undefined, to, finish: async () => '' };
  const from = given ?? folderKey;
  if (from === undefined) {
    throw new CommandProblem(
      `The new key comes from ${describeSource(masterKey)}. Say where the old one is: --old-key-file or --old-key-command.`,
    );
  }
  const isFolderKeyOver = given === undefined;
  return {
    from,
    to,
    finish: async () =>
      isFolderKeyOver
        ? `${folderPath} is not used any more. Backups made before need it; delete it when they are gone.`
        : 'Backups made before need the old key.',
  };
}

async function changeInFolder(path: string): Promise<Change> {
  const from = await findFolderKey(path);
  if (from === undefined) {
    throw new CommandProblem(`There is no key in ${path} yet: run "sealgate start" once.`);
  }
  return {
    from,
    to: await prepareFolderKey(path),
    finish: async () => {
      const { oldPath } = await replaceFolderKey(path);
      return `The old key is in ${oldPath}. Backups made before need it; delete it when they are gone.`;
    },
  };
}

async function givenOldKey({
  oldKeyFile: path,
  oldKeyCommand: command,
}: RotateOptions): Promise<Secret | undefined> {
  if (path !== undefined) return readMasterKey({ kind: 'file', name: '--old-key-file', path });
  if (command === undefined) return undefined;
  const argv = splitCommand(command);
  if (argv === undefined) {
    throw new CommandProblem(
      '--old-key-command: give a command and its arguments; quotes must end.',
    );
  }
  return readMasterKey({ kind: 'command', name: '--old-key-command', argv });
}

function report(
  surroundings: Surroundings,
  { json }: RotateOptions,
  { rotation, remark }: { readonly rotation: Rotation; readonly remark: string },
): void {
  const columns = rotation.kind === 'rotated' ? rotation.columns : [];
  const { stdout, stderr } = surroundings;
  if (json === true) printJson(surroundings, { result: rotation.kind, columns });
  else if (rotation.kind === 'nothing-to-do') {
    stdout.write('Everything is sealed under this key already.\n');
  } else {
    const rows = columns.map(({ table, column, resealed, skipped, unreadable }) =>
      [`${table}.${column}`, resealed, skipped, unreadable].map(String),
    );
    stdout.write(printTable([['SEALED', 'ANEW', 'BEFORE', 'LOST'], ...rows]));
  }
  if (columns.some(({ unreadable }) => unreadable > 0)) {
    stderr.write('What is counted as lost opens with neither key, and was left as it is.\n');
  }
  if (remark !== '') stderr.write(`${remark}\n`);
}
