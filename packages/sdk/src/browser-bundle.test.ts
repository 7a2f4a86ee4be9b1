import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

/** Fails on any import that a browser cannot resolve. */
async function bundle(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    conditions: ['sealgate-source'],
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs);
}

describe('in a browser', () => {
  test('sealed chat needs nothing of Node', async () => {
    const files = await bundle('./secure/index.ts');
    expect(files.filter((file) => file.includes('/node/'))).toEqual([]);
    expect(files.some((file) => file.endsWith('no-key-files.ts'))).toBe(true);
  });

  test('the plain client loads no cryptography', async () => {
    const files = await bundle('./index.ts');
    expect(
      files.filter((file) => /protocol|secure|node/.test(file.replace(/.*sdk\/src/, ''))),
    ).toEqual([]);
  });

  test('a key directory is refused in plain words', async () => {
    const { readKeyDirectory } = await import('./secure/no-key-files.ts');
    await expect(readKeyDirectory('keys')).rejects.toThrow(/stays in memory/);
  });
});
