import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** One answer of the script. It may keep the response open, or destroy its socket. */
export type Answer = (response: ServerResponse, request: ReceivedRequest) => unknown;

export interface ScriptedServer {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Answers to come, in order; a request beyond the script gets status 599. */
  readonly script: Answer[];
  close(): Promise<void>;
}

/**
 * A real HTTP server on a free port that answers as the test says. Paths in `fixed` always get the
 * same answer and are not recorded.
 */
export async function startScriptedServer(
  fixed: Readonly<Record<string, Answer>> = {},
): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const script: Answer[] = [];
  const server = createServer((request, response) => {
    void receive(request).then((received) => {
      const always = fixed[received.path];
      if (always) return always(response, received);
      requests.push(received);
      const answer = script.shift();
      if (answer) return answer(response, received);
      response.writeHead(599, { 'x-should-retry': 'false' }).end('beyond the script');
      return undefined;
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    script,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
}

/** Sends an event stream in exactly these pieces, then ends it. */
export function eventStream(...pieces: readonly (string | Uint8Array)[]): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    response.end();
  };
}

export const hangUp: Answer = (response) => response.destroy();

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: Buffer.concat(pieces),
  };
}
