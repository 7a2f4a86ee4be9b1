import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts one of our own processes, by the name of its file. */
export function startChild(name: string): ChildProcess {
  const url = new URL(`./${name}.js`, import.meta.url);
  return fork(fileURLToPath(url), { serialization: 'advanced' });
}

/** The next message of a child; rejects when it ends first or says nothing in time. */
export async function messageOf(child: ChildProcess, timeoutMs: number): Promise<unknown> {
  const ended = new AbortController();
  const onExit = (): void => ended.abort(new Error('a process of the bench ended early'));
  child.once('exit', onExit);
  try {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(timeoutMs)]);
    const [message] = (await once(child, 'message', { signal })) as [unknown];
    return message;
  } finally {
    child.off('exit', onExit);
  }
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
  child.kill('SIGTERM');
  await once(child, 'exit');
  clearTimeout(kill);
}
