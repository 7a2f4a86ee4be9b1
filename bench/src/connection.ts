import { connect, type Socket } from 'node:net';
import { createResponseParser } from './response-parser.ts';

export interface Connection {
  /** `dueAt` is the moment from which the answer's times count. */
  send(request: Buffer, dueAt: number): void;
  close(): void;
}

export interface ConnectionListener {
  onAnswer(connection: Connection, status: number, firstByteMs: number, latencyMs: number): void;
  onBody(piece: Buffer): void;
  onFailure(): void;
}

/** One keep-alive connection with one request at a time under way. A broken one is opened again and goes on. */
export async function openConnection(
  port: number,
  listener: ConnectionListener,
): Promise<Connection> {
  let sentAt = 0;
  let firstByteAt = 0;
  let pending: Buffer | undefined;
  let isClosed = false;
  let socket = await open();

  const connection: Connection = {
    send(request, dueAt) {
      pending = request;
      sentAt = dueAt;
      firstByteAt = 0;
      socket.write(request);
    },
    close() {
      isClosed = true;
      socket.destroy();
    },
  };
  return connection;

  async function open(): Promise<Socket> {
    const parser = createResponseParser({
      onBody(piece) {
        firstByteAt ||= performance.now();
        listener.onBody(piece);
      },
      onEnd(status) {
        pending = undefined;
        const now = performance.now();
        listener.onAnswer(connection, status, (firstByteAt || now) - sentAt, now - sentAt);
      },
    });
    const opened = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(64 * 1024),
        callback: (size, buffer) => {
          try {
            parser.push(Buffer.from(buffer.buffer, buffer.byteOffset, size));
          } catch {
            opened.destroy();
          }
          return true;
        },
      },
    });
    await new Promise<void>((resolve, reject) => {
      opened.once('connect', resolve).once('error', reject);
    });
    opened.on('error', () => {}).once('close', () => void reopen());
    return opened;
  }

  async function reopen(): Promise<void> {
    if (isClosed) return;
    listener.onFailure();
    socket = await open();
    if (pending) connection.send(pending, sentAt);
  }
}
