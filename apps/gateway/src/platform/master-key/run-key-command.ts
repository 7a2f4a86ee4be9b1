import { spawn, type ChildProcess } from 'node:child_process';
import { MasterKeyProblem } from './problem.ts';

export interface KeyCommand {
  /** How the operator has given it. */
  readonly name: string;
  readonly argv: readonly string[];
}

const PATIENCE_MS = 30_000;
const MAX_BYTES = 64 * 1024;

/** Runs it without a shell and returns what it prints. What it says on its other output is told when it fails. */
export function runKeyCommand(
  { name, argv }: KeyCommand,
  patienceMs: number = PATIENCE_MS,
): Promise<string> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = collect(child.stdout);
    const complained = collect(child.stderr);
    const fail = (what: string): void => {
      clearTimeout(timer);
      stop(child);
      const words = withoutSecrets(complained.text(), printed.text());
      const said = words === '' ? '' : ` It says: ${words}`;
      reject(new MasterKeyProblem(`${name}: "${program}" ${what}.${said}`));
    };
    const timer = setTimeout(() => fail(`did not end within ${patienceMs / 1_000} s`), patienceMs);
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(`cannot be run (${error.code ?? error.message})`),
    );
    child.once('close', (code, signal) => {
      if (signal !== null) return fail(`was ended by ${signal}`);
      if (code !== 0) return fail(`ended with the exit code ${code}`);
      if (printed.isTooLong()) return fail('prints far more than a key');
      clearTimeout(timer);
      return resolve(printed.text());
    });
  });
}

/** Children of the command may keep its outputs open: nobody waits for them. */
function stop(child: ChildProcess): void {
  child.removeAllListeners('close');
  child.kill('SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function collect(stream: NodeJS.ReadableStream) {
  const pieces: Buffer[] = [];
  let size = 0;
  stream.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size <= MAX_BYTES) pieces.push(piece);
  });
  return {
    text: (): string => Buffer.concat(pieces).toString('utf8'),
    isTooLong: (): boolean => size > MAX_BYTES,
  };
}

const MOST_CHARACTERS = 500;
/** What a key may look like, whoever prints it where. */
const KEY_LIKE = /[A-Za-z0-9+=_-]{32,}/g;
/** Whatever steers a terminal. */
// oxlint-disable-next-line no-control-regex -- that is what it looks for
const CONTROL = /[\x00-\x1f\x7f]+/g;

/** The last words of a command that failed: what it has printed as a key is taken out, and whatever may be one. */
function withoutSecrets(text: string, printed: string): string {
  const key = printed.trim();
  const hidden = key === '' ? text : text.replaceAll(key, '[…]');
  return hidden.replaceAll(KEY_LIKE, '[…]').replaceAll(CONTROL, ' ').trim().slice(-MOST_CHARACTERS);
}
