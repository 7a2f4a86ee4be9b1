import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { LocalModelsUnavailable, startLocalModels } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'local-models-'));
const main = fileURLToPath(new URL('./main.ts', import.meta.url));

afterAll(() => rmSync(directory, { recursive: true }));

async function startByHand(): Promise<{ child: ChildProcess; stdin: NodeJS.WritableStream }> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=sealgate-source', main, '--port', '0'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(JSON.parse(line.toString())).toEqual({ ready: true, port: expect.any(Number) });
  return { child, stdin: child.stdin };
}

describe('startLocalModels', () => {
  it('starts the server again after a crash, in spite of the socket that was left behind', async () => {
    const socketPath = join(directory, 'crash.sock');
    const pids: number[] = [];
    const exits: unknown[] = [];
    const { models, stop } = await new Promise<Awaited<ReturnType<typeof startLocalModels>>>(
      (resolve, reject) => {
        const starting = startLocalModels({
          socketPath,
          onExit: (exit) => exits.push(exit),
          onReady: ({ pid }) => {
            pids.push(pid);
            if (pids.length === 1) process.kill(pid, 'SIGKILL');
            else resolve(starting);
          },
        });
        starting.catch(reject);
      },
    );
    expect(exits).toEqual([{ code: null, signal: 'SIGKILL', restartInMs: 250 }]);
    expect(new Set(pids).size).toBe(2);
    expect(models.map(({ id }) => id)).toEqual(['small', 'math', 'words']);
    expect(statSync(socketPath).mode & 0o077).toBe(0);

    await stop();
    expect(exits).toHaveLength(1);
    expect(() => process.kill(pids[1] ?? 0, 0)).toThrow('ESRCH');
  });

  it('rejects with a typed error when the server cannot come up', async () => {
    const socketPath = join(directory, 'missing', 'models.sock');
    await expect(startLocalModels({ socketPath })).rejects.toBeInstanceOf(LocalModelsUnavailable);
  });
});

describe('the server process', () => {
  it('ends when its stdin closes, so that it never outlives its parent', async () => {
    const { child, stdin } = await startByHand();
    stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends on SIGTERM', async () => {
    const { child } = await startByHand();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
