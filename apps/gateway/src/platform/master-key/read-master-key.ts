import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { readOrCreateSecret } from '../installation.ts';
import { Secret } from '../secret.ts';
import { MasterKeyProblem } from './problem.ts';
import { runKeyCommand } from './run-key-command.ts';
import type { MasterKeySource } from './source.ts';

const MIN_CHARACTERS = 32;
const MAX_BYTES = 64 * 1024;
const OTHERS = 0o077;
/** A pipe would be waited for. */
const READ_AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK;

/** Throws `MasterKeyProblem` when there is none to be had. */
export async function readMasterKey(source: MasterKeySource): Promise<Secret> {
  switch (source.kind) {
    case 'text':
      return source.secret;
    case 'file':
      return keyIn(await readKeyFile(source), `${source.name}: what is in ${source.path}`);
    case 'command':
      return keyIn(await runKeyCommand(source), `${source.name}: what "${source.argv[0]}" prints`);
    case 'data-folder':
      return new Secret(await readOrCreateSecret(source.path));
  }
}

/** The text without the spaces and line breaks around it. */
function keyIn(text: string, what: string): Secret {
  const key = text.trim();
  if (/[\r\n]/.test(key)) throw new MasterKeyProblem(`${what} has more than one line.`);
  if (key.length < MIN_CHARACTERS) {
    throw new MasterKeyProblem(`${what} must have at least ${MIN_CHARACTERS} characters.`);
  }
  return new Secret(key);
}

async function readKeyFile(source: MasterKeySource & { readonly kind: 'file' }): Promise<string> {
  const { name, path } = source;
  const file = await open(path, READ_AT_ONCE).catch((error: NodeJS.ErrnoException) => {
    throw new MasterKeyProblem(`${name}: ${path} cannot be read (${error.code}).`);
  });
  try {
    // Of the opened file: nobody puts another in its place after it was looked at.
    const entry = await file.stat();
    const { mode, size } = entry;
    if (!entry.isFile()) throw new MasterKeyProblem(`${name}: ${path} is no file.`);
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      throw new MasterKeyProblem(
        `${name}: other users may open ${path} (mode ${shown}), so it keeps no secret. Run: chmod 600 ${path}`,
      );
    }
    if (size > MAX_BYTES) throw new MasterKeyProblem(`${name}: ${path} is too large for a key.`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
