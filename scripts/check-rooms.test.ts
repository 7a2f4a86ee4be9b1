import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findFaults } from './check-rooms.mjs';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sealgate rooms '));
});

afterEach(() => rm(root, { recursive: true }));

async function plant(file: string, source: string): Promise<readonly string[]> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), source);
  return findFaults(root);
}

test.each([
  ['a lower floor', 'http/routes/chat.ts', '../../inference/chat/index.ts'],
  ['a file that stands in no room', 'inference/chat/admit.ts', '../../platform/clock.ts'],
  ['its own inner files', 'inference/chat/parts/admit.ts', '../answer.ts'],
  ['a neighbour it may know', 'inference/chat/admit.ts', '../routing/index.ts'],
  ['any door, from the roof', 'cli/keys.ts', '../customers/keys/index.ts'],
  ['the door of HTTP, from the roof', 'main.ts', './http/index.ts'],
  ['the roof, from the roof', 'cli/start.ts', '../main.ts'],
  ['inner files and neighbours, in tests', 'inference/routing/x.test.ts', '../chat/admit.ts'],
  ['tools for tests, in tests', 'customers/keys/x.test.ts', '../../platform/db/testing.ts'],
  ['packages', 'inference/chat/admit.ts', '@sealgate/protocol'],
])('%s may be imported', async (_what, file, target) => {
  expect(await plant(file, `import { x } from '${target}';\n`)).toEqual([]);
});

test.each([
  ['an upper floor', 'customers/keys/a.ts', '../../inference/chat/index.ts'],
  ['an upper floor, in tests', 'platform/db/a.test.ts', '../../customers/keys/index.ts'],
  ['the roof', 'platform/db/a.ts', '../../config.ts'],
  ['the command', 'http/routes/a.ts', '../../cli/start.ts'],
  ['a neighbour', 'inference/upstreams/a.ts', '../routing/index.ts'],
  ['a neighbour that only others know', 'customers/accounts/a.ts', '../organizations/index.ts'],
  ['an inner file of a lower floor', 'http/routes/a.ts', '../../customers/keys/api-key.ts'],
  ['an inner file, from the roof', 'main.ts', './platform/db/open-database.ts'],
  ['an inner file of HTTP, from the roof', 'main.ts', './http/routes/models.ts'],
  ['an inner file of a known neighbour', 'inference/chat/a.ts', '../routing/intent.ts'],
  ['a file behind a room’s inner door', 'main.ts', './platform/db/schema/index.ts'],
  ['tools for tests', 'customers/keys/a.ts', '../../platform/db/testing.ts'],
  ['what lies outside of the gateway', 'main.ts', '../../../packages/sdk/src/index.ts'],
])('%s is out of bounds', async (_what, file, target) => {
  expect(await plant(file, `import { x } from '${target}';\n`)).toEqual([
    expect.stringMatching(`^${file} must not import .+: .+`),
  ]);
});

test.each([
  "import type { X } from '../../http/a.ts';",
  "import {\n  x,\n  y,\n} from '../../http/a.ts';",
  "import '../../http/a.ts';",
  "export { x } from '../../http/a.ts';",
  "const x = await import('../../http/a.ts');",
  "type X = import('../../http/a.ts').X;",
  'import { x } from "../../http/a.ts";',
])('an import is found however it is written: %s', async (source) => {
  expect(await plant('platform/db/a.ts', source)).toHaveLength(1);
});

test('every fault is reported, not the first', async () => {
  await plant('platform/db/a.ts', "import '../../http/a.ts';\nimport '../limits/index.ts';");
  expect(await plant('customers/keys/b.ts', "import '../../main.ts';")).toHaveLength(3);
});
