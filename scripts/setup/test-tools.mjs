import { spawnSync } from 'node:child_process';
import { inCheckout } from './checkout.mjs';
import { stage } from './stage.mjs';

const PYTHON = inCheckout('.tools/venv/bin/python');
const PYTHON_CLIENTS = ['nomyo', 'openai'];

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
    suite: 'the Python clients (python3 with venv)',
  },
];

/** Installs what is missing where that is possible; returns the suites that cannot run. */
export async function installTestTools() {
  await installDebianPackages();
  const missing = DEBIAN_TOOLS.filter((tool) => !tool.isPresent()).map((tool) => tool.suite);
  const havePython = hasPythonClients() || (await installPythonClients());
  return havePython ? missing : [...missing, `the Python clients (${PYTHON_CLIENTS.join(', ')})`];
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

function hasPythonClients() {
  return succeeds(PYTHON, '-c', `import ${PYTHON_CLIENTS.join(', ')}`);
}

async function installPythonClients() {
  const create = ['python3', '-m', 'venv', '--clear', inCheckout('.tools/venv')];
  if (!(await stage('Creating a Python environment', create))) return false;
  const pip = [PYTHON, '-m', 'pip', 'install', '--disable-pip-version-check'];
  return stage(`Installing ${PYTHON_CLIENTS.join(', ')}`, [...pip, ...PYTHON_CLIENTS]);
}

function succeeds(program, ...args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
