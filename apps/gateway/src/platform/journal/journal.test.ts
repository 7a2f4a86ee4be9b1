import fc from 'fast-check';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openJournal, type Journal, type JournalOptions } from './index.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp('/tmp/sealgate-journal-');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const quiet = { warn: () => undefined, error: () => undefined };
const refuse = () => Promise.reject(new Error('database is down'));

/** Stands for the table: takes each line once, and counts how often it was offered. */
function createStore() {
  const stored = new Set<string>();
  const apply = async (lines: readonly string[]) => {
    for (const line of lines) stored.add(line);
    return [];
  };
  return { stored, apply };
}

const open = (apply: JournalOptions['apply'], dir = join(root, 'journal')) =>
  openJournal({ dir, apply, log: quiet });

/** What a killed process leaves: the files as they are at this moment. */
function copyAsAfterCrash(dir: string): string {
  const copy = mkdtempSync(join(root, 'crashed-'));
  for (const name of readdirSync(dir)) {
    // A deletion that is just under way happens before or after, as with a real crash.
    if (existsSync(join(dir, name))) copyFileSync(join(dir, name), join(copy, name));
  }
  return copy;
}

describe('a journal', () => {
  test('applies every line in order, then leaves no file behind', async () => {
    const { stored, apply } = createStore();
    const journal = await open(apply);
    const lines = Array.from({ length: 1_200 }, (_, index) => `line ${index}`);
    await Promise.all(lines.map((line) => journal.append(line)));
    expect(journal.pendingCount()).toBe(1_200);
    await journal.flush();
    expect([...stored]).toEqual(lines);
    expect(journal.pendingCount()).toBe(0);
    expect(await readdir(join(root, 'journal'))).toEqual([]);
    await journal.close();
  });

  test('applies without being asked', async () => {
    const { stored, apply } = createStore();
    const journal = await open(apply);
    await journal.append('line');
    await vi.waitFor(() => expect(stored).toContain('line'), { timeout: 5_000 });
    await journal.close();
  });

  test('takes lines while the database is down, and a later start applies them first', async () => {
    const journal = await open(refuse);
    await journal.append('one');
    await expect(journal.flush()).rejects.toThrow('database is down');
    await journal.append('two');
    await journal.close();

    const { stored, apply } = createStore();
    const next = await open(apply);
    expect(next.pendingCount()).toBe(2);
    await next.append('three');
    await next.flush();
    expect([...stored]).toEqual(['one', 'two', 'three']);
    await next.close();
  });

  test('goes on after an outage by itself', async () => {
    const { stored, apply } = createStore();
    let isDown = true;
    const journal = await open((lines) => (isDown ? refuse() : apply(lines)));
    await journal.append('line');
    await expect(journal.flush()).rejects.toThrow('down');
    isDown = false;
    await vi.waitFor(() => expect(stored).toContain('line'), { timeout: 5_000 });
    await journal.close();
  });

  test('leaves out and reports a line that a crash cut off', async () => {
    const journal = await open(refuse);
    await journal.append('whole');
    const crashed = copyAsAfterCrash(join(root, 'journal'));
    await journal.close();
    const [segment = ''] = await readdir(crashed);
    await appendFile(join(crashed, segment), 'torn off in the mid');

    const { stored, apply } = createStore();
    const warn = vi.fn<() => void>();
    const next = await openJournal({ dir: crashed, apply, log: { ...quiet, warn } });
    await next.flush();
    expect([...stored]).toEqual(['whole']);
    expect(warn).toHaveBeenCalledOnce();
    await next.close();
  });

  test('puts aside what can never be applied and goes on', async () => {
    const { stored, apply } = createStore();
    const journal = await open(async (lines) => {
      await apply(lines.filter((line) => line !== 'poison'));
      return lines.filter((line) => line === 'poison');
    });
    await Promise.all(['one', 'poison', 'two'].map((line) => journal.append(line)));
    await journal.flush();
    expect([...stored]).toEqual(['one', 'two']);
    expect(await readdir(join(root, 'journal'))).toEqual(['rejected.jsonl']);
    await journal.close();
  });

  test('tells who appends when the disk does not take it, and goes on when it does again', async () => {
    const { stored, apply } = createStore();
    const journal = await open(apply);
    const obstacle = join(root, 'journal', '000000000001.jsonl');
    await writeFile(obstacle, '');
    await expect(journal.append('lost')).rejects.toThrow('EEXIST');
    await rm(obstacle);
    await journal.append('kept');
    await journal.flush();
    expect([...stored]).toEqual(['kept']);
    await journal.close();
  });

  test('holds no lines in memory during an outage, only the names of their files', async () => {
    const journal = await open(refuse);
    const line = 'x'.repeat(100_000);
    for (let count = 0; count < 40; count += 1) await journal.append(line);
    expect(journal.pendingCount()).toBe(40);
    expect((await readdir(join(root, 'journal'))).length).toBeGreaterThanOrEqual(4);
    await journal.close();
  });
});

const newLife = (): { outage: 'none' | 'fail-before' | 'fail-after' } => ({ outage: 'none' });

describe('after kill -9', () => {
  type Step = 'append' | 'flush' | 'fail-before' | 'fail-after' | 'crash';
  const steps = fc.array(
    fc.constantFrom<Step>(
      'append',
      'append',
      'append',
      'flush',
      'fail-before',
      'fail-after',
      'crash',
    ),
    { minLength: 5, maxLength: 40 },
  );

  test('at any point of any history, every line that was confirmed is applied', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { stored, apply } = createStore();
        let dir = await mkdtemp(join(root, 'run-'));
        let life = newLife();
        const start = (): Promise<Journal> => {
          const own = (life = newLife());
          return open(async (lines) => {
            if (own.outage === 'fail-before') throw new Error('lost before');
            const rejected = await apply(lines);
            if (own.outage === 'fail-after') throw new Error('lost after');
            return rejected;
          }, dir);
        };
        const confirmed: string[] = [];
        const dead: Journal[] = [];
        let journal = await start();
        for (const [index, step] of history.entries()) {
          if (step === 'append') {
            const group = [`${index}a`, `${index}b`];
            await Promise.all(group.map((line) => journal.append(line)));
            confirmed.push(...group);
          } else if (step === 'crash') {
            // Its last line was not confirmed: it may be found or not. The dead reach the store no more.
            void journal.append(`${index}?`);
            life.outage = 'fail-before';
            dead.push(journal);
            dir = copyAsAfterCrash(dir);
            journal = await start();
          } else {
            life.outage = step === 'flush' ? 'none' : step;
            await journal.flush().catch(() => undefined);
          }
        }
        life.outage = 'none';
        await journal.flush();
        for (const line of confirmed) expect(stored).toContain(line);
        await Promise.all([journal, ...dead].map((each) => each.close()));
      }),
      { numRuns: 40 },
    );
  });

  test('of a real process under load, every line that was confirmed is applied', async () => {
    const dir = join(root, 'journal');
    const script = fileURLToPath(new URL('testing-process.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const confirmed: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      confirmed.push(line);
      if (confirmed.length === 2_000) child.kill('SIGKILL');
    }
    if (child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');

    const { stored, apply } = createStore();
    const journal = await open(apply, dir);
    await journal.flush();
    expect(confirmed.length).toBeGreaterThanOrEqual(2_000);
    expect(confirmed.filter((line) => !stored.has(line))).toEqual([]);
    await journal.close();
  });
});
