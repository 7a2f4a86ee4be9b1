import type { ProcessUsage } from './process-usage.ts';

export type TargetName = 'direct' | 'sealgate' | 'uncounted' | 'portkey';

/** Something that answers chat completions on the loopback interface. */
export interface Target {
  readonly name: TargetName;
  readonly port: number;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly usage: () => ProcessUsage | undefined;
  readonly stop: () => Promise<void>;
}

/** The bytes of one request. */
export function requestOf(
  { headers }: Pick<Target, 'headers'>,
  path: string,
  body: string,
): string {
  const fields = { host: '127.0.0.1', 'content-type': 'application/json', ...headers };
  const lines = Object.entries({ ...fields, 'content-length': Buffer.byteLength(body) });
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}
