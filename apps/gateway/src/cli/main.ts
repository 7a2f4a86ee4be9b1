import { run } from './run.ts';
import type { Output } from './surroundings.ts';

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
});

function outputOf(stream: NodeJS.WriteStream): Output {
  return { isTerminal: stream.isTTY, write: (text) => void stream.write(text) };
}
