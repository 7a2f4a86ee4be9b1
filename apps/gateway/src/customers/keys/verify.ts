import { eq, sql } from 'drizzle-orm';
import type { Clock } from '../../platform/clock.ts';
import { apiKeys, subscribe, type Database, type Db } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { KeyVerdict, KeyVerifier } from './api-key.ts';
import { LastUse } from './last-use.ts';
import { hashSecret, isSecretShaped } from './secret.ts';
import { expire, VerdictCache } from './verdict-cache.ts';

const LAST_USE_INTERVAL_MS = 10_000;
const RETRY_AFTER_SECONDS = 2;
const UNKNOWN: KeyVerdict = { kind: 'unknown' };

/** Verdicts from memory, kept true by the database's own announcements of changed keys. */
export function createKeyVerifier(options: {
  readonly database: Pick<Database, 'db' | 'createClient'>;
  readonly clock: Clock;
  /** For keys that have no limit of their own. */
  readonly rateLimitRpm: number;
}): KeyVerifier {
  const { database, clock, rateLimitRpm } = options;
  const find = prepareFind(database.db, rateLimitRpm);
  const cache = new VerdictCache();
  const lastUse = new LastUse(database.db);
  const asking = new Map<string, Promise<KeyVerdict>>();

  const changes = subscribe(database, {
    channel: 'key_changed',
    onMessage: (hash) => {
      cache.delete(hash);
      asking.delete(hash);
    },
    onConnect: () => {
      cache.clear();
      asking.clear();
    },
  });
  const timer = setInterval(() => void lastUse.write(), LAST_USE_INTERVAL_MS).unref();

  const remembered = (hash: string): KeyVerdict | undefined => {
    const nowMs = clock();
    const verdict = cache.get(hash, nowMs);
    if (verdict?.kind === 'valid') lastUse.note(verdict.key.id, nowMs);
    return verdict;
  };
  const ask = (hash: string): Promise<KeyVerdict> => {
    const answer = find(hash)
      .then((verdict) => {
        // A change that was announced meanwhile may be missing in this answer: it serves who asked, nobody after.
        if (asking.get(hash) === answer) cache.set(hash, verdict, clock());
        return expire(verdict, clock());
      })
      .finally(() => {
        if (asking.get(hash) === answer) asking.delete(hash);
      });
    asking.set(hash, answer);
    return answer;
  };
  return {
    verifyCached: (secret) => (isSecretShaped(secret) ? remembered(hashSecret(secret)) : UNKNOWN),
    verify: async (secret) => {
      if (!isSecretShaped(secret)) return UNKNOWN;
      const hash = hashSecret(secret);
      const verdict = remembered(hash) ?? (await (asking.get(hash) ?? ask(hash)));
      if (verdict.kind === 'valid') lastUse.note(verdict.key.id, clock());
      return verdict;
    },
    close: async () => {
      clearInterval(timer);
      await changes.close();
      await lastUse.write();
    },
  };
}

/** Throws `Refusal('service_unavailable')`: a database that is down must not look like a wrong key. */
function prepareFind(db: Db, rateLimitRpm: number): (hash: string) => Promise<KeyVerdict> {
  const statement = db
    .select()
    .from(apiKeys)
    .where(eq(apiKeys.secretHash, sql.placeholder('hash')))
    .prepare('find_key_by_secret_hash');
  return async (hash) => {
    try {
      const [row] = await statement.execute({ hash: Buffer.from(hash, 'hex') });
      return verdictOf(row, rateLimitRpm);
    } catch (cause) {
      throw new Refusal('service_unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
    }
  };
}

function verdictOf(row: typeof apiKeys.$inferSelect | undefined, rateLimitRpm: number): KeyVerdict {
  if (row === undefined) return UNKNOWN;
  if (row.revokedAt !== null) return { kind: 'revoked' };
  const { id, organizationId, name, allowedModels, expiresAt } = row;
  return {
    kind: 'valid',
    key: {
      id,
      organizationId,
      name,
      rateLimitRpm: row.rateLimitRpm ?? rateLimitRpm,
      allowedModels: allowedModels === null ? undefined : new Set(allowedModels),
      expiresAtMs: expiresAt?.getTime(),
    },
  };
}
