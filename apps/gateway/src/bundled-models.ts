import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalModelsUnavailable, startLocalModels } from '@sealgate/local-models';
import { bundledModels, type UpstreamDefinition } from './inference/upstreams/index.ts';
import type { UpstreamTimeouts } from './inference/upstreams/index.ts';
import type { Log } from './platform/telemetry/index.ts';

export interface BundledModels {
  readonly definition: UpstreamDefinition;
  stop(): Promise<void>;
}

/** Starts the tiny models that Sealgate brings, on a socket of their own. `undefined`: this machine cannot run them. */
export async function startBundledModels(options: {
  readonly timeouts: UpstreamTimeouts;
  readonly log: Log;
}): Promise<BundledModels | undefined> {
  const { timeouts, log } = options;
  // Not below the data directory: a socket's path must be shorter than 108 bytes.
  const directory = await mkdtemp(join(tmpdir(), 'sealgate-models-'));
  const socketPath = join(directory, 'models.sock');
  const removeDirectory = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const server = await startLocalModels({
      socketPath,
      onExit: (exit) => log.warn(exit, 'the local models stopped and are started again'),
    });
    return {
      definition: bundledModels({ socketPath, models: server.models, timeouts }),
      stop: async () => {
        await server.stop();
        await removeDirectory();
      },
    };
  } catch (error) {
    await removeDirectory();
    if (!(error instanceof LocalModelsUnavailable)) throw error;
    log.warn({ reason: error.message }, 'the bundled models cannot run here');
    return undefined;
  }
}
