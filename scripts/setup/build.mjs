import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout } from './checkout.mjs';
import { requiredStage } from './stage.mjs';

const STAMP = inCheckout('.sealgate-build');
const PRODUCT = inCheckout('apps/gateway/dist/cli/main.js');

/** Compiles what changed. When nothing did, looking at the files' times is all it takes. */
export async function build() {
  const wanted = fingerprint();
  const isBuilt =
    existsSync(PRODUCT) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted;
  if (isBuilt) return;
  await requiredStage('Building', [
    process.execPath,
    inCheckout('node_modules/typescript/bin/tsc'),
    '-b',
  ]);
  writeFileSync(STAMP, wanted);
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const path of sources()) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

function sources() {
  const workspaces = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(inCheckout(folder)).map((name) => join(folder, name)),
  );
  const places = [
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.base.json',
    ...workspaces.flatMap((path) =>
      ['package.json', 'tsconfig.json', 'src'].map((name) => join(path, name)),
    ),
  ];
  return places
    .map((path) => inCheckout(path))
    .filter((path) => existsSync(path))
    .flatMap(filesAt);
}

function filesAt(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true }).map((name) => join(path, name));
}
