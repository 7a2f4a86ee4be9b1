import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { secureHeapFlags } from './secure-heap.mjs';

const COMMAND = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const ORPHAN_CHECK_MS = 500;

/** Runs the `sealgate` command in a Node that has a secure heap, and ends as it ends. */
export function launch(args) {
  if (!existsSync(COMMAND)) {
    process.stderr.write('Sealgate is not built yet: run "npm start" once, or "npm run build".\n');
    process.exit(1);
  }
  const child = spawn(process.execPath, [...secureHeapFlags(), COMMAND, ...args], {
    // The channel carries no messages: when it closes, the command knows that we are gone.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const forward = (signal) => child.kill(signal);
  for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
  whenOrphaned(() => forward('SIGTERM'));
  child.on('exit', (code, signal) => {
    for (const name of FORWARDED_SIGNALS) process.off(name, forward);
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}

/** npm ends at once when it is told to, and the shell that it has put between us passes no signal on. */
function whenOrphaned(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, ORPHAN_CHECK_MS).unref();
}
