// Preloaded into peers: servers that would listen on every address listen on this machine alone.
import { Server } from 'node:net';

const listen = Reflect.get(Server.prototype, 'listen');
Server.prototype.listen = function listenOnLoopback(first, ...others) {
  if (typeof first === 'object' && first !== null) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...others);
  }
  const callback = others.find((argument) => typeof argument === 'function');
  return listen.call(this, { port: first, host: '127.0.0.1' }, callback);
};
