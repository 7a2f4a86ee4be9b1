// `npm test`: installs what is missing, then runs every check, the tests last.
import { requireNode } from './setup/require-node.mjs';

requireNode();
const { readFileSync, rmSync } = await import('node:fs');
const { spawnSync } = await import('node:child_process');
const { CHECKOUT, inCheckout } = await import('./setup/checkout.mjs');
const { install } = await import('./setup/install.mjs');
const { npm } = await import('./setup/npm.mjs');
const { installTestTools } = await import('./setup/test-tools.mjs');

const REPORT = inCheckout('.tools', 'test-report.json');

await install();
refuseSkipping(await installTestTools());
process.exitCode = check();
process.exitCode = summarise() ? process.exitCode : 1;

function refuseSkipping(suites) {
  for (const suite of suites) console.log(`Skipped, for want of a tool: ${suite}`);
  if (suites.length === 0 || process.env.CI !== 'true') return;
  console.error('In CI no suite may be skipped.');
  process.exit(1);
}

function check() {
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const [program, ...args] = npm('run', 'check', '--', ...reporters);
  return spawnSync(program, args, { cwd: CHECKOUT, stdio: 'inherit' }).status ?? 1;
}

/** The last line is the sum, for people and for machines. Did the tests run, and all of them pass? */
function summarise() {
  const report = readReport();
  if (report === undefined) {
    console.error('A check before the tests failed; no test was run.');
    return false;
  }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + brokenFiles.length;
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${report.numPassedTests} passed, ${failed} failed`);
  return failed === 0;
}

function readReport() {
  try {
    return JSON.parse(readFileSync(REPORT, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
