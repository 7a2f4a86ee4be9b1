import { text } from 'node:stream/consumers';
import { run } from './run.ts';
import type { Output } from './surroundings.ts';

// Whoever reads may have enough, such as "head": no failure, and nothing is left to do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  readInput: () => text(process.stdin),
  openInput: () => process.stdin,
});

// Whatever a failed start has left open must not keep us; what was written must arrive first.
process.stdout.write('', () => process.exit(exitCode));

function outputOf(stream: NodeJS.WriteStream): Output {
  return { isTerminal: stream.isTTY, write: (text) => void stream.write(text) };
}
