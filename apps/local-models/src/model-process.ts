import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url));
const RUNS_FROM_SOURCE = import.meta.url.endsWith('.ts');
const START_MS = 30_000;
const STOP_MS = 2_000;

/** This machine cannot run the bundled models, most often because llama.cpp has no binary for it. */
export class LocalModelsUnavailable extends Error {
  override readonly name = 'LocalModelsUnavailable';
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ModelProcess {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  stop(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Starts `main` and waits until it listens. */
export async function spawnModelProcess(listenArguments: readonly string[]): Promise<ModelProcess> {
  const child = spawn(process.execPath, [...entry(), ...listenArguments], {
    cwd: PACKAGE_ROOT,
    // Nothing of ours, least of all the keys of other providers, is the models' business.
    env: {},
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ctrl-C in the terminal must reach the gateway alone, which drains before it stops us.
    detached: true,
  });
  // A write to a pipe whose reader has died is not news: `exit` tells.
  child.stdin.on('error', () => {});
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const giveUp = setTimeout(() => child.kill('SIGKILL'), START_MS);
  const line = await Promise.race([firstLine(child), exited.then(() => undefined)]);
  clearTimeout(giveUp);
  if (!line?.ready || child.pid === undefined) {
    throw new LocalModelsUnavailable(line?.reason ?? 'The model server ended before it was ready.');
  }
  return { pid: child.pid, exited, stop: () => stop(child, exited) };
}

function entry(): string[] {
  const main = (extension: string): string =>
    fileURLToPath(new URL(`./main.${extension}`, import.meta.url));
  return RUNS_FROM_SOURCE
    ? ['--import', 'tsx', '--conditions=sealgate-source', main('ts')]
    : ['--max-semi-space-size=2', main('js')];
}

interface FirstLine {
  readonly ready: boolean;
  readonly reason?: string;
}

async function firstLine(child: Child): Promise<FirstLine | undefined> {
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{"ready":')) return JSON.parse(line) as FirstLine;
  }
  return undefined;
}

async function stop(child: Child, exited: Promise<ChildExit>): Promise<void> {
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  child.stdin.end();
  await exited;
  clearTimeout(kill);
}
