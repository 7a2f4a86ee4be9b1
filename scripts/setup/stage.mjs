import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CHECKOUT } from './checkout.mjs';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/** Runs one command in silence but for one line. Did it succeed? If not, its output has been shown. */
export async function stage(title, [program, ...args], env = process.env) {
  const stopProgress = showProgress(title);
  const child = spawn(program, args, { cwd: CHECKOUT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const abort = (signal) => child.kill(signal);
  process.once('SIGINT', abort).once('SIGTERM', abort);
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const [code, signal] = await once(child, 'close').catch((error) => [error.message]);
  process.off('SIGINT', abort).off('SIGTERM', abort);
  stopProgress(code === 0 ? 'done' : 'failed');
  if (code === 0) return true;
  process.stderr.write(Buffer.concat(output));
  console.error(`"${[program, ...args].join(' ')}" ended with ${signal ?? code}.`);
  return false;
}

/** A stage without which there is no going on. */
export async function requiredStage(...stageArguments) {
  if (!(await stage(...stageArguments))) process.exit(1);
}

function showProgress(title) {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  if (!process.stdout.isTTY) {
    process.stdout.write(`${title} … `);
    return (result) => process.stdout.write(`${result} (${seconds()})\n`);
  }
  let frame = 0;
  const draw = () => {
    process.stdout.write(`\r${FRAMES[frame % FRAMES.length]} ${title} … ${seconds()} `);
    frame += 1;
  };
  draw();
  const timer = setInterval(draw, FRAME_MS);
  return (result) => {
    clearInterval(timer);
    process.stdout.write(`\r${result === 'done' ? '✓' : '✗'} ${title} (${seconds()})    \n`);
  };
}
