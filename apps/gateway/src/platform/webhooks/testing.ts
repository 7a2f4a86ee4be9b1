import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { connect as connectSocket, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { buildConnector } from 'undici';

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server on this machine to which `connect` leads whatever the URL says, without TLS. */
export interface TestReceiver {
  readonly port: number;
  readonly received: readonly ReceivedWebhook[];
  /** How many connections were made to it. */
  readonly connectionCount: () => number;
  readonly connect: buildConnector.connector;
  close(): Promise<void>;
}

export async function createTestReceiver(
  answer: (response: ServerResponse) => void = (response) => response.writeHead(204).end(),
): Promise<TestReceiver> {
  const received: ReceivedWebhook[] = [];
  let connectionCount = 0;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      answer(response);
    });
  });
  server.on('connection', () => (connectionCount += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    received,
    connectionCount: () => connectionCount,
    connect: (_target, callback) => {
      const socket = connectSocket(port, '127.0.0.1', () => callback(null, socket));
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
