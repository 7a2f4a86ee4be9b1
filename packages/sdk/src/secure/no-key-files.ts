import type { KeyFilePaths, StoredKeyPair } from './key-files.ts';

/*
 * What `#key-files` means where there are no files: in browsers. Node, Deno and Bun get
 * `node/key-files.ts`, which has the same functions.
 */

/** Reads a key pair from its files. */
export function readKeyFiles(_paths: KeyFilePaths): Promise<StoredKeyPair> {
  return refuse();
}

/** Reads the key pair of a directory; undefined when it has none. */
export function readKeyDirectory(
  _directory: string,
  _password?: string,
): Promise<StoredKeyPair | undefined> {
  return refuse();
}

/** Puts a key pair into a directory, in place of the one that is there. */
export function writeKeyDirectory(
  _directory: string,
  _pair: StoredKeyPair,
  _password?: string,
): Promise<void> {
  return refuse();
}

function refuse(): Promise<never> {
  return Promise.reject(
    new TypeError('Key files need Node, Deno or Bun. Leave keyDir out: the key stays in memory.'),
  );
}
