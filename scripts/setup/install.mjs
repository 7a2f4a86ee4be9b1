import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { inCheckout } from './checkout.mjs';
import { npm } from './npm.mjs';
import { requiredStage } from './stage.mjs';

const STAMP = inCheckout('node_modules', '.sealgate-install');

/** Installs the packages of the lock file unless they are there. */
export async function install() {
  const wanted = fingerprint();
  const present = readText(STAMP);
  if (present === undefined ? isInstalledByHand() : present === wanted) return;
  // Not "npm ci": it refuses a lock file that lacks binaries for machines of another kind, as a registry mirror
  // without them makes it. No package of ours needs its install script; the compiler is a development dependency.
  const options = ['--no-save', '--include=dev', '--include=optional', '--ignore-scripts'];
  await requiredStage(
    'Installing packages (the first time takes a minute)',
    npm('install', ...options, '--no-audit', '--no-fund'),
  );
  writeFileSync(STAMP, wanted);
}

/** Binaries come with the packages, so another kind of machine (a container over the same folder) needs its own. */
function fingerprint() {
  const lock = createHash('sha256').update(readFileSync(inCheckout('package-lock.json')));
  return `${process.platform} ${process.arch} ${lock.digest('hex')}\n`;
}

/** Did somebody run `npm install`? npm then writes down what it has installed. */
function isInstalledByHand() {
  const installed = readText(inCheckout('node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const { packages } = JSON.parse(installed);
  const wanted = JSON.parse(readText(inCheckout('package-lock.json'))).packages;
  return Object.entries(wanted).every(
    ([path, { optional, version }]) =>
      !path.startsWith('node_modules/') || optional || packages[path]?.version === version,
  );
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
