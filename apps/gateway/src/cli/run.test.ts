import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from './testing.ts';

const COMMANDS = [
  [],
  ['start'],
  ['chat'],
  ['keys'],
  ['keys', 'create'],
  ['keys', 'list'],
  ['keys', 'revoke'],
  ['models'],
  ['config', 'check'],
  ['doctor'],
  ['verify'],
];

test.each(COMMANDS.map((command) => [command.join(' '), command] as const))(
  'the help of "sealgate %s" teaches with examples',
  async (_name, command) => {
    const { exitCode, stdout } = await runCommand([...command, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Examples?:\n {2}\$ /);
  },
);

test('prints its version', async () => {
  expect(await runCommand(['--version'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

test.each([
  ['nothing', []],
  ['an unknown command', ['chatt', 'hi']],
  ['an unknown option', ['models', '--nope']],
  ['a missing argument', ['verify']],
  ['an unknown tier', ['chat', '--tier', 'extreme', 'hi']],
  ['a count that is none', ['keys', 'create', 'x', '--rpm', '0']],
])('exits with 2 and keeps standard output clean on %s', async (_what, args) => {
  const { exitCode, stdout, stderr } = await runCommand(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).not.toBe('');
});

describe('chat', () => {
  test('says where a key comes from when there is none', async () => {
    const { exitCode, stderr } = await runCommand(['chat', 'hi']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('sealgate keys create');
  });

  test('refuses to stream what comes whole', async () => {
    const { exitCode, stderr } = await runCommand([
      'chat',
      '--sealed',
      '--stream',
      '--key',
      'k',
      'hi',
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--stream');
  });

  test('does not seal over http to another machine unless told to', async () => {
    const args = ['chat', '--sealed', '--key', 'k', '--url', 'http://gateway.invalid', 'hi'];
    const { exitCode, stderr } = await runCommand(args);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/https/i);
  });
});

describe('config check', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealgate-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('reports every fault of a file with its line, and exits with 1', async () => {
    const file = join(folder, 'bad.yaml');
    await writeFile(file, 'upstreams:\n  - id: x\n    base_ur: y\n');
    const { exitCode, stderr } = await runCommand(['config', 'check', file]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${file}:2 upstreams[0].base_url`);
    expect(stderr).toContain(`${file}:3 upstreams[0].base_ur`);
  });

  test('reports faults of the environment and of the file together', async () => {
    const file = join(folder, 'bad.yaml');
    await writeFile(file, 'upstreams:\n  - id: x\n');
    const env = { SEALGATE_PORT: 'many', SEALGATE_CONFIG: file };
    const { exitCode, stderr } = await runCommand(['config', 'check'], env);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('SEALGATE_PORT');
    expect(stderr).toContain('upstreams[0].base_url');
  });

  test('accepts a sound file', async () => {
    const file = join(folder, 'good.yaml');
    await writeFile(file, 'upstreams: []\n');
    expect(await runCommand(['config', 'check', file])).toMatchObject({ exitCode: 0 });
  });
});
