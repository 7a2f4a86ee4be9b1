import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const openSockets = new WeakMap<Server, Set<Socket>>();

/** Clients open connections in advance, over which nothing comes until it is needed. */
export function watchConnections(server: Server): void {
  const sockets = new Set<Socket>();
  openSockets.set(server, sockets);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

/** Node counts them as busy, so that a server that ends would wait for them. */
export function closeSilentConnections(server: Server): void {
  for (const socket of openSockets.get(server) ?? []) {
    if (socket.bytesRead === 0) socket.destroy();
  }
}
