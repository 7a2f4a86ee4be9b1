import { randomUUID } from 'node:crypto';
import { lstatSync, unlinkSync } from 'node:fs';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import { BUNDLED_MODELS } from './bundled-models.ts';
import { loadModel, type LocalModel } from './model.ts';
import { createModelServer } from './server.ts';

const { values } = parseArgs({ options: { socket: { type: 'string' }, port: { type: 'string' } } });

/** The parent reads lines of JSON on stdout; people read stderr. */
function tellParent(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function loadModels(): Promise<ReadonlyMap<string, LocalModel>> {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
    maxThreads: 1,
  });
  const models = new Map<string, LocalModel>();
  for (const bundled of BUNDLED_MODELS) models.set(bundled.id, await loadModel(llama, bundled));
  return models;
}

/** A killed predecessor leaves its socket behind, and nothing can listen there until it is gone. */
function removeStaleSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
}

async function main(): Promise<void> {
  const models = await loadModels();
  const server = createModelServer({ models, now: Date.now, newId: randomUUID });
  // The socket must be for its owner alone from its first moment.
  process.umask(0o177);
  if (values.socket === undefined) server.listen(Number(values.port ?? 0), '127.0.0.1');
  else {
    removeStaleSocket(values.socket);
    server.listen(values.socket);
  }
  await once(server, 'listening');
  const address = server.address();
  tellParent({ ready: true, ...(typeof address === 'string' ? {} : { port: address?.port }) });
}

const stop = (): void => process.exit(0);
process.once('SIGTERM', stop);
// The parent holds the other end of stdin; when it dies, however it dies, the pipe closes.
process.stdin.once('close', stop).resume();

try {
  await main();
} catch (error) {
  tellParent({ ready: false, reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
