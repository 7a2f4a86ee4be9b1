import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../routing/random.ts';

/** A model host for the race. Its models differ in what their answers cost. */
export interface RaceUpstream {
  readonly url: string;
  close(): Promise<void>;
}

/** `exact` says as much as it may; `moody` says something between nothing and that, and fails now and then. */
export const MODELS = ['exact', 'moody'] as const;

const FAILURES = 0.05;
const CHUNKS = 12;
const CHUNK_PAUSE_MS = 4;

interface Asked {
  readonly model: (typeof MODELS)[number];
  readonly stream?: boolean;
  readonly max_tokens: number;
}

export async function startUpstream(random: Random): Promise<RaceUpstream> {
  const server = createServer((request, response) => {
    void serve(request, response, random).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  random: Random,
): Promise<void> {
  const asked = JSON.parse(await text(request)) as Asked;
  const isMoody = asked.model === 'moody';
  if (isMoody && random() < FAILURES) {
    response.writeHead(500).end('{"error":{"message":"moody"}}');
    return;
  }
  const tokens = isMoody ? Math.floor(random() * (asked.max_tokens + 1)) : asked.max_tokens;
  await pause(random() * 10);
  const usage = { prompt_tokens: 0, completion_tokens: tokens, total_tokens: tokens };
  if (asked.stream) await stream(response, usage);
  else answer(response, usage);
}

const common = { id: 'race', created: 0, model: 'race' };

function answer(response: ServerResponse, usage: object): void {
  const message = { role: 'assistant', content: 'word' };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ...common, object: 'chat.completion', choices, usage }));
}

async function stream(response: ServerResponse, usage: object): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (body: object): boolean =>
    response.write(
      `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...body })}\n\n`,
    );
  for (let count = 0; count < CHUNKS && !response.destroyed; count += 1) {
    send({ choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }] });
    await pause(CHUNK_PAUSE_MS);
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  send({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}
