import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { connectDatabase } from './connect-database.ts';
import type { Database } from './database.ts';

/** The same database seen over a wire that a test can cut. */
export interface FragileDatabase extends Database {
  cut(): Promise<void>;
  mend(): Promise<void>;
}

const SOCKET_NAME = '.s.PGSQL.5432';

export async function createFragileDatabase(database: Database): Promise<FragileDatabase> {
  const { host = '', user, password, database: name, ssl } = database.pool.options;
  const directory = await mkdtemp('/tmp/sealgate-wire-');
  const wire = new Wire(join(directory, SOCKET_NAME), join(host, SOCKET_NAME));
  await wire.mend();
  const connection = { host: directory, port: 5432, user, password, database: name, ssl };
  const fragile = connectDatabase('embedded', connection, async () => {
    await wire.cut();
    await rm(directory, { recursive: true, force: true });
  });
  return { ...fragile, cut: () => wire.cut(), mend: () => wire.mend() };
}

class Wire {
  readonly #near: string;
  readonly #far: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(near: string, far: string) {
    this.#near = near;
    this.#far = far;
  }

  async mend(): Promise<void> {
    this.#server = createServer((near) => this.#join(near, connect(this.#far)));
    this.#server.listen(this.#near);
    await once(this.#server, 'listening');
  }

  async cut(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
