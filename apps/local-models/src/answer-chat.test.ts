import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { LocalModel } from './model.ts';
import { createModelServer } from './server.ts';
import { createTurns } from './turns.ts';

const servers: ReturnType<typeof createModelServer>[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** A model that never ends its answer; it tells when a generation was stopped. */
function endlessModel(): { model: LocalModel; stopped: Promise<void> } {
  let tellStopped: () => void;
  const stopped = new Promise<void>((resolve) => (tellStopped = resolve));
  const model: LocalModel = {
    bundled: { id: 'endless', file: '', skill: '', examples: [] },
    turns: createTurns(1),
    tokenize: () => [],
    promptOf: () => [],
    async *evaluate() {
      try {
        for (;;) {
          await new Promise(setImmediate);
          yield [];
        }
      } finally {
        tellStopped();
      }
    },
  };
  return { model, stopped };
}

async function ask(model: LocalModel, port: number): Promise<ClientRequest> {
  const exchange = httpRequest({ port, method: 'POST', path: '/v1/chat/completions' });
  exchange.on('error', () => {});
  const messages = [{ role: 'user', content: 'What is 1 + 1?' }];
  exchange.end(JSON.stringify({ model: model.bundled.id, messages, stream: true }));
  await once(exchange, 'finish');
  return exchange;
}

async function listen(model: LocalModel): Promise<number> {
  const models = new Map([[model.bundled.id, model]]);
  const server = createModelServer({ models, now: () => 0, newId: () => 'id' });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it('a caller who leaves a stream stops the generation', async () => {
  const { model, stopped } = endlessModel();
  const exchange = await ask(model, await listen(model));
  await once(exchange, 'response');
  exchange.destroy();
  await stopped;
});

it('a caller who leaves the queue gives up the place, and the model is free again', async () => {
  const { model, stopped } = endlessModel();
  const port = await listen(model);
  const running = await ask(model, port);
  await once(running, 'response');
  const waiting = await ask(model, port);
  waiting.destroy();
  running.destroy();
  await stopped;
  const next = await ask(model, port);
  const [response] = (await once(next, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  next.destroy();
});
