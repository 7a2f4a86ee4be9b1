import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CHECKOUT = join(import.meta.dirname, '..');
const OXLINT = join(
  dirname(createRequire(import.meta.url).resolve('oxlint/package.json')),
  'bin/oxlint',
);
const BILLING = 'apps/gateway/src/customers/billing/planted.ts';
const USD = 'packages/contract/src/usd.ts';
const ELSEWHERE = 'apps/gateway/src/customers/keys/planted.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp('/tmp/sealgate-money-lint-');
  await copyFile(join(CHECKOUT, '.oxlintrc.json'), join(root, '.oxlintrc.json'));
});
afterAll(() => rm(root, { recursive: true }));

/** What the lint of this checkout says about a file at this place. */
async function lint(file: string, expression: string): Promise<string> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), `export const cost = (nano: bigint) => ${expression};\n`);
  return new Promise((resolve) => {
    execFile(process.execPath, [OXLINT, '--deny-warnings', file], { cwd: root }, (_, stdout) =>
      resolve(stdout),
    );
  });
}

test.each([
  ['Number(nano)', BILLING],
  ['Number(nano)', USD],
  ['Number.parseFloat(String(nano))', BILLING],
  ['parseFloat(String(nano))', BILLING],
  ['parseInt(String(nano), 10)', BILLING],
  ['Math.round(1.5)', BILLING],
  ['Math.round(1.5)', USD],
])('%s is a fault in %s', async (expression, file) => {
  expect(await lint(file, expression)).toMatch(/no-restricted-globals.*[\s\S]*money is bigint/);
});

test('whole numbers are none, and elsewhere nothing of this is', async () => {
  expect(await lint(BILLING, 'nano * 105n / 100n')).toContain('0 errors');
  expect(await lint(ELSEWHERE, 'Math.round(Number(nano))')).toContain('0 errors');
});
