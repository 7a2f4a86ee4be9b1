import { resolve } from 'node:path';
import { BUNDLED_MODELS, CONTEXT_LENGTH, MAX_OUTPUT_TOKENS } from './bundled-models.ts';
import { type ChildExit, type ModelProcess, spawnModelProcess } from './model-process.ts';

const FIRST_RESTART_MS = 250;
const MAX_RESTART_MS = 30_000;
/** A process that lived this long did not crash because of how it was started. */
const STABLE_AFTER_MS = 60_000;

export type LocalModelsOptions = {
  readonly onReady?: (process: { pid: number }) => void;
  /** Told of every exit that nobody asked for. */
  readonly onExit?: (exit: ChildExit & { readonly restartInMs: number }) => void;
  readonly now?: () => number;
} & ({ readonly socketPath: string } | { readonly port: number });

export interface LocalModelFacts {
  readonly id: string;
  readonly contextLength: number;
  readonly maxOutputTokens: number;
}

export interface LocalModels {
  readonly models: readonly LocalModelFacts[];
  readonly stop: () => Promise<void>;
}

/**
 * Starts the model server as a child process, and again whenever it crashes.
 * Rejects with `LocalModelsUnavailable` when it does not come up the first time.
 */
export async function startLocalModels(options: LocalModelsOptions): Promise<LocalModels> {
  const { onReady, onExit, now = Date.now } = options;
  const listenArguments =
    'socketPath' in options
      ? ['--socket', resolve(options.socketPath)]
      : ['--port', String(options.port)];
  let current = await spawnModelProcess(listenArguments);
  let startedAt = now();
  let failures = 0;
  let isStopping = false;
  let restart: NodeJS.Timeout | undefined;

  function watch(process: ModelProcess): void {
    current = process;
    startedAt = now();
    onReady?.({ pid: process.pid });
    void process.exited.then(restartLater);
  }

  function restartLater(exit: ChildExit): void {
    if (isStopping) return;
    if (now() - startedAt > STABLE_AFTER_MS) failures = 0;
    const restartInMs = Math.min(FIRST_RESTART_MS * 2 ** failures, MAX_RESTART_MS);
    failures += 1;
    restart = setTimeout(() => void startAgain(), restartInMs);
    onExit?.({ ...exit, restartInMs });
  }

  async function startAgain(): Promise<void> {
    try {
      const process = await spawnModelProcess(listenArguments);
      if (isStopping) await process.stop();
      else watch(process);
    } catch {
      restartLater({ code: null, signal: null });
    }
  }

  watch(current);
  return {
    models: BUNDLED_MODELS.map(({ id }) => ({
      id,
      contextLength: CONTEXT_LENGTH,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
    })),
    async stop() {
      isStopping = true;
      clearTimeout(restart);
      await current.stop();
    },
  };
}
