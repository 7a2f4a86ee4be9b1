import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';

interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly body: Record<string, unknown>;
  /** Resolves when the gateway has closed the exchange, for whatever reason. */
  readonly closed: Promise<void>;
}

export type Script = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

export interface FakeUpstream {
  readonly url: string;
  readonly received: ReceivedRequest[];
  /** Of every request, also of those for the list of models. */
  readonly headersSeen: IncomingMessage['headers'][];
  /** What the next requests get, one script each; afterwards the default again. */
  next(...scripts: Script[]): void;
  /** What every request gets that has no script of its own. */
  always(script: Script): void;
  close(): Promise<void>;
}

/** A host that speaks OpenAI's dialect and does exactly what the test says; with a certificate it speaks TLS. */
export async function startFakeUpstream(certificate?: Certificate): Promise<FakeUpstream> {
  const received: ReceivedRequest[] = [];
  const headersSeen: IncomingMessage['headers'][] = [];
  const queue: Script[] = [];
  let fallback: Script = answer('Hello!');
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    headersSeen.push(request.headers);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const closed = once(response, 'close').then(() => undefined);
    const entry: ReceivedRequest = {
      path: request.url ?? '',
      headers: request.headers,
      text,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      closed,
    };
    if (request.method === 'GET')
      return json(404, { error: { message: 'no list' } })(entry, response);
    received.push(entry);
    return (queue.shift() ?? fallback)(entry, response);
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void serve(request, response);
  const server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    received,
    headersSeen,
    next: (...scripts) => queue.push(...scripts),
    always: (script) => {
      fallback = script;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const json =
  (status: number, body: object, headers: Record<string, string> = {}): Script =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

export const completion = (content: string, extra: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'model-a',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  ...extra,
});

const CHUNK = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'model-a' };

export const chunk = (delta: object, finish: string | null = null): string =>
  frame({ ...CHUNK, choices: [{ index: 0, delta, finish_reason: finish }] });

/** The frame that tells the usage, on its own as OpenAI sends it. */
export const usageFrame = (outputTokens: number): string =>
  frame({
    ...CHUNK,
    choices: [],
    usage: {
      prompt_tokens: 11,
      completion_tokens: outputTokens,
      total_tokens: 11 + outputTokens,
    },
  });

export const frame = (body: object): string => `data: ${JSON.stringify(body)}\n\n`;

/** Frames of a stream that says `words` one by one and is complete. */
export const frames = (words: readonly string[]): readonly string[] => [
  chunk({ role: 'assistant', content: '' }),
  ...words.map((content) => chunk({ content })),
  chunk({}, 'stop'),
  usageFrame(words.length),
  'data: [DONE]\n\n',
];

/** Answers as asked: whole, or as a stream of words. */
export const answer =
  (content: string): Script =>
  (request, response) =>
    request.body['stream'] === true
      ? stream(frames(content.split(/(?<= )/)))(request, response)
      : json(200, completion(content))(request, response);

/** Sends these pieces as they are; the pieces need not be frames. */
export const stream =
  (pieces: readonly string[], options: { readonly isCut?: boolean } = {}): Script =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) response.write(piece);
    // Cut behind the last piece: what is still in our hands would be lost with the connection.
    if (options.isCut) response.write('\n', () => response.destroy());
    else response.end();
  };

/** Sends these pieces, then keeps the connection open for ever. */
export const hangingStream =
  (pieces: readonly string[]): Script =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    for (const piece of pieces) response.write(piece);
  };

/** Takes the request and never answers. */
export const silence: Script = () => undefined;

/** Closes the connection without a word. */
export const reset: Script = (_request, response) => {
  response.destroy();
};
