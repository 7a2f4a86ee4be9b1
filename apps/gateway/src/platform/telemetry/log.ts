import { destination, pino, type Logger } from 'pino';

export type Log = Logger;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const FLUSH_BYTES = 4_096;
const FLUSH_EVERY_MS = 500;

/** JSON lines on standard output, written in batches so that a request never waits for the terminal. */
export function createLog(level: LogLevel): { readonly log: Log; flush(): void } {
  const output = destination({ fd: 1, sync: false, minLength: FLUSH_BYTES });
  const flush = (): void => output.flushSync();
  setInterval(() => output.flush(), FLUSH_EVERY_MS).unref();
  const log = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[secret]' },
    },
    output,
  );
  return { log, flush };
}

/** The second line of defence; the first is that callers of the log name the fields they write. */
const REDACTED = [
  'authorization',
  'apiKey',
  'api_key',
  'password',
  'secret',
  'token',
  'body',
  'messages',
].flatMap((name) => [name, `*.${name}`]);
