import { destination, pino, type Logger } from 'pino';

export type Log = Logger;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Logs {
  readonly log: Log;
  /** For the one line of each request, whose fields are an allow-list: redaction would cost 12 µs there and find nothing. */
  readonly requestLog: Log;
  flush(): void;
}

const FLUSH_BYTES = 8_192;
const FLUSH_EVERY_MS = 500;

/** JSON lines on standard output, written in batches so that a request never waits for the terminal. */
export function createLogs(level: LogLevel): Logs {
  const output = destination({ fd: 1, sync: false, minLength: FLUSH_BYTES });
  setInterval(() => output.flush(), FLUSH_EVERY_MS).unref();
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return {
    log: pino({ ...options, redact: { paths: REDACTED, censor: '[secret]' } }, output),
    requestLog: pino(options, output),
    flush: () => output.flushSync(),
  };
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
