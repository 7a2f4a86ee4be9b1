import { join } from 'node:path';
import { splitCommand, type MasterKeySource } from '../platform/master-key/index.ts';
import { Secret } from '../platform/secret.ts';
import type { Environment } from './environment.ts';
import type { Fault } from './fault.ts';

const NAMES = [
  'SEALGATE_MASTER_KEY',
  'SEALGATE_MASTER_KEY_FILE',
  'SEALGATE_MASTER_KEY_COMMAND',
] as const;

/** Of two keys nobody knows which one was meant, until something does not open. */
export function masterKeyFaults(env: Readonly<Record<string, string | undefined>>): Fault[] {
  const [first, ...others] = NAMES.filter((name) => env[name] !== undefined);
  return others.map((name) => ({
    where: name,
    message: `cannot stand beside ${first}: keep one of them`,
  }));
}

export function masterKeySource(environment: Environment): MasterKeySource {
  const [text, file, command] = NAMES;
  if (environment[text] !== undefined) {
    return { kind: 'text', name: text, secret: new Secret(environment[text]) };
  }
  if (environment[file] !== undefined) return { kind: 'file', name: file, path: environment[file] };
  const argv = splitCommand(environment[command] ?? '');
  if (argv !== undefined) return { kind: 'command', name: command, argv };
  return { kind: 'data-folder', path: join(environment.SEALGATE_DATA_DIR, 'master.key') };
}
