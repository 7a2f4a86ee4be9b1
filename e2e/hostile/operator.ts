import type { Gateway } from '../harness.ts';
import { runSealgate } from '../process.ts';

export interface MintedKey {
  readonly id: string;
  readonly secret: string;
}

/** What the operator types beside a running gateway. Throws when it does not work. */
export async function typeCommand(
  { env }: Pick<Gateway, 'env'>,
  ...args: readonly string[]
): Promise<string> {
  const { stdout, log, ended } = runSealgate(args, env);
  if ((await ended) !== 0) throw new Error(log());
  return stdout();
}

export async function createKey(
  gateway: Gateway,
  ...options: readonly string[]
): Promise<MintedKey> {
  const text = await typeCommand(gateway, 'keys', 'create', 'test', '--json', ...options);
  return JSON.parse(text) as MintedKey;
}
