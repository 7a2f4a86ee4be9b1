import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** One file for runtimes that know nothing of Node. Fails on any import that is not ours or a plain package. */
export async function bundle(entry: 'in-browser.ts' | 'in-process.ts'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    conditions: ['sealgate-source'],
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('impossible: esbuild wrote nothing');
  return file.text;
}
