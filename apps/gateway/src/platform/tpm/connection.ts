import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';

/** Where the TPM is: a kernel device, or the data socket of a software TPM. */
export type TpmAddress =
  | { readonly kind: 'device'; readonly path: string }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** Raw bytes there and back. One exchange at a time: the caller serialises. */
export interface TpmConnection {
  exchange(command: Buffer): Promise<Buffer>;
  close(): void;
}

const HEADER_BYTES = 10;
const MAX_REPLY_BYTES = 4096;

export async function openConnection(address: TpmAddress): Promise<TpmConnection> {
  if (address.kind === 'device') return openDevice(address.path);
  return openSocket(
    address.kind === 'unix'
      ? connect({ path: address.path })
      : connect({ host: address.host, port: address.port, noDelay: true }),
  );
}

async function openDevice(path: string): Promise<TpmConnection> {
  const device = await open(path, 'r+');
  return {
    async exchange(command) {
      // The kernel takes a command in one write and gives its whole reply to one read.
      await device.write(command);
      const { buffer, bytesRead } = await device.read(
        Buffer.alloc(MAX_REPLY_BYTES),
        0,
        MAX_REPLY_BYTES,
        null,
      );
      return buffer.subarray(0, bytesRead);
    },
    close() {
      // A hung device also holds up its own close; nobody waits for it.
      void device.close().catch(() => undefined);
    },
  };
}

async function openSocket(socket: Socket): Promise<TpmConnection> {
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  // An idle TPM must not keep the process alive.
  socket.unref();
  return { exchange: (command) => exchangeOn(socket, command), close: () => socket.destroy() };
}

function exchangeOn(socket: Socket, command: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let reply = Buffer.alloc(0);
    const finish = (settle: () => void) => {
      socket.off('data', onData).off('error', onClose).off('close', onClose);
      socket.unref();
      settle();
    };
    const onClose = () => finish(() => reject(new Error('the TPM closed the connection')));
    const onData = (chunk: Buffer) => {
      reply = Buffer.concat([reply, chunk]);
      if (reply.length < HEADER_BYTES) return;
      const size = reply.readUInt32BE(2);
      if (size < HEADER_BYTES || size > MAX_REPLY_BYTES || reply.length > size) {
        finish(() => reject(new Error('the TPM reply is malformed')));
      } else if (reply.length === size) {
        finish(() => resolve(reply));
      }
    };
    socket.ref();
    socket.on('data', onData).once('error', onClose).once('close', onClose);
    socket.write(command);
  });
}
