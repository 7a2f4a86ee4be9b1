import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MasterKeyProblem } from './problem.ts';
import { readMasterKey } from './read-master-key.ts';
import { runKeyCommand } from './run-key-command.ts';

const KEY = 'canary-0123456789-0123456789-0123456789';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealgate-master-key-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What the operator reads; never the key. */
async function problemOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MasterKeyProblem)) throw new Error(`no problem: ${String(error)}`);
  expect(error.message).not.toContain('canary');
  return error.message;
}

describe('a file', () => {
  let count = 0;
  async function fileWith(text: string, mode: number): Promise<string> {
    count += 1;
    const path = join(folder, `key-${count}`);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  }
  const read = (path: string) =>
    readMasterKey({ kind: 'file', name: 'SEALGATE_MASTER_KEY_FILE', path });

  test('holds the key, whatever line breaks are around it', async () => {
    expect((await read(await fileWith(`${KEY}\r\n`, 0o600))).reveal()).toBe(KEY);
    expect((await read(await fileWith(KEY, 0o400))).reveal()).toBe(KEY);
  });

  test.each([0o640, 0o604, 0o644, 0o660, 0o610, 0o601])(
    'that others may open (%o) is refused, with the command that mends it',
    async (mode) => {
      const path = await fileWith(KEY, mode);
      const problem = await problemOf(read(path));
      expect(problem).toContain(`(mode 0${mode.toString(8)})`);
      expect(problem).toContain(`chmod 600 ${path}`);
    },
  );

  test('behind a link counts, not the link', async () => {
    const link = join(folder, 'link');
    await symlink(await fileWith(KEY, 0o644), link);
    expect(await problemOf(read(link))).toContain('other users');
  });

  test.each([
    ['', 'at least 32 characters'],
    ['canary', 'at least 32 characters'],
    [`${KEY}\n${KEY}`, 'more than one line'],
    ['c'.repeat(70_000), 'too large'],
  ])('with %.10j in it is refused', async (text, sentence) => {
    expect(await problemOf(read(await fileWith(text, 0o600)))).toContain(sentence);
  });

  test('that is none, or not there, is refused', async () => {
    expect(await problemOf(read(folder))).toContain('is no file');
    expect(await problemOf(read(join(folder, 'missing')))).toContain('ENOENT');
  });
});

describe('a command', () => {
  const NAME = 'SEALGATE_MASTER_KEY_COMMAND';
  const node = (code: string): readonly string[] => [process.execPath, '-e', code];
  const run = (argv: readonly string[]) => readMasterKey({ kind: 'command', name: NAME, argv });

  test('prints the key', async () => {
    expect((await run(node(`console.log('${KEY}')`))).reveal()).toBe(KEY);
    expect((await run(['printf', '%s', KEY])).reveal()).toBe(KEY);
  });

  test('is run without a shell', async () => {
    const marker = join(folder, 'marker');
    const text = `${KEY}; touch ${marker} $(touch ${marker}) > ${marker}`;
    expect((await run(['printf', '%s', text])).reveal()).toBe(text);
    await expect(stat(marker)).rejects.toThrow('ENOENT');
  });

  test('has no input to wait for', async () => {
    const code = `process.stdin.on('data', () => {}).on('end', () => console.log('${KEY}'))`;
    expect((await run(node(code))).reveal()).toBe(KEY);
  });

  test('that fails is told with its exit code and its complaint, without what may be a key', async () => {
    const problem = await problemOf(
      run(
        node(`
          console.log('${KEY}');
          console.error('AccessDenied: not allowed\\u001b[31m to use ${KEY} or bXkgb3RoZXIga2V5IG9mIHRoaXJ0eSB0d28gYnl0ZXM=');
          process.exitCode = 3;`),
      ),
    );
    expect(problem).toContain(`${NAME}: "${process.execPath}" ended with the exit code 3.`);
    expect(problem).toContain('It says: AccessDenied: not allowed [31m to use […] or […]');
  });

  test('that has printed its key on the wrong output gives it away to nobody', async () => {
    const problem = await problemOf(run(node(`console.error('${KEY}'); process.exitCode = 1`)));
    expect(problem).toContain('exit code 1');
  });

  test('that is not there, or may not be run, is told so', async () => {
    expect(await problemOf(run(['/no/such/program']))).toContain('cannot be run (ENOENT)');
    expect(await problemOf(run([folder]))).toContain('cannot be run (EACCES)');
  });

  test('that never ends is ended, and so is the wait for its children', async () => {
    const code = `
      console.error('waiting for the token');
      require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 5000)'], { stdio: 'inherit' });
      setTimeout(() => {}, 60000);`;
    const problem = await problemOf(runKeyCommand({ name: NAME, argv: node(code) }, 1_500));
    expect(problem).toContain('did not end within 1.5 s');
    expect(problem).toContain('waiting for the token');
  });

  test('that is killed is told so', async () => {
    const problem = await problemOf(run(node(`process.kill(process.pid, 'SIGKILL')`)));
    expect(problem).toContain('was ended by SIGKILL');
  });

  test.each([
    [`console.log('canary')`, 'at least 32 characters'],
    [`console.log('${KEY}\\n${KEY}')`, 'more than one line'],
    [`console.log('c'.repeat(1e6))`, 'far more than a key'],
    ['', 'at least 32 characters'],
  ])('that prints no key (%.30s) is refused', async (code, sentence) => {
    expect(await problemOf(run(node(code)))).toContain(sentence);
  });
});

test('the key in the data folder is made once, for its owner only', async () => {
  const source = { kind: 'data-folder', path: join(folder, 'master.key') } as const;
  const first = (await readMasterKey(source)).reveal();
  expect((await readMasterKey(source)).reveal()).toBe(first);
  expect(first.length).toBeGreaterThanOrEqual(32);
  expect((await stat(source.path)).mode & 0o777).toBe(0o600);
});

test('a pipe is no file: nobody waits for somebody to write into it', async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', ['-m', '600', path]);
  const reading = readMasterKey({ kind: 'file', name: 'X', path });
  expect(await problemOf(reading)).toContain('is no file');
});
