import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Database } from './database.ts';

export interface Subscriber {
  /** A plain lower-case identifier, or several. */
  readonly channel: string | readonly string[];
  onMessage(payload: string, channel: string): void;
  /** The line is up. What was said while it was not, nobody heard. */
  onConnect(): void;
}

export interface Subscription {
  close(): Promise<void>;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

/** Listens on a session of its own and connects again for as long as it takes. */
export function subscribe(
  database: Pick<Database, 'createClient'>,
  subscriber: Subscriber,
): Subscription {
  const stop = new AbortController();
  const running = listenForever(database, subscriber, stop.signal);
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

async function listenForever(
  database: Pick<Database, 'createClient'>,
  subscriber: Subscriber,
  signal: AbortSignal,
): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    const client = database.createClient();
    const lost = untilLost(client, signal);
    client.on('notification', ({ payload, channel }) =>
      subscriber.onMessage(payload ?? '', channel),
    );
    try {
      await client.connect();
      for (const channel of [subscriber.channel].flat()) await client.query(`listen ${channel}`);
      subscriber.onConnect();
      retryMs = FIRST_RETRY_MS;
      await lost;
    } catch {
      // Not reachable: the next attempt follows.
    }
    await client.end().catch(() => undefined);
    if (!signal.aborted) await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  }
}

function untilLost(client: Client, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    client.once('end', resolve);
    client.once('error', () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
