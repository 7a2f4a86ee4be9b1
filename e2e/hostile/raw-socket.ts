import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

/** A connection on which exactly those bytes are said that a test wants. */
export interface RawConnection {
  readonly socket: Socket;
  /** Everything that came back, once the other side has closed. */
  readonly closed: Promise<string>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export async function openConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  // A reset is one way to be closed.
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(received));
  });
  await once(socket, 'connect');
  return { socket, closed };
}

/** Says this and waits until the other side closes. */
export async function say(url: string, text: string | Buffer): Promise<string> {
  const { socket, closed } = await openConnection(url);
  socket.write(text);
  return closed;
}

/** Says this, hangs up its own half, and waits for what still comes. */
export async function sayAndHangUp(url: string, text: string | Buffer): Promise<string> {
  const { socket, closed } = await openConnection(url);
  socket.end(text);
  return closed;
}

/** Splits one answer with a content length. Throws on anything else. */
export function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1];
  if (status === undefined) throw new Error(`no HTTP answer: ${JSON.stringify(text)}`);
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(status), headers, body: rest.join('\r\n\r\n') };
}
