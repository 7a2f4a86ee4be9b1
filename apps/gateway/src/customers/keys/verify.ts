import { eq, or } from 'drizzle-orm';
import type { Clock } from '../../platform/clock.ts';
import {
  apiKeys,
  inSystem,
  organizations,
  subscribe,
  type Database,
} from '../../platform/db/index.ts';
import { createAddressRanges } from '../../platform/net/index.ts';
import type { Vault } from '../../platform/vault.ts';
import { bookedPlan } from '../billing/index.ts';
import { readOwnKeys, type OwnKeys } from '../provider-keys/index.ts';
import type { KeyCache, KeyVerdict, KeyVerifier } from './api-key.ts';
import { LastUse } from './last-use.ts';
import { hashSecret, isSecretShaped } from './secret.ts';
import { expire, VerdictCache } from './verdict-cache.ts';

const LAST_USE_INTERVAL_MS = 10_000;
const UNKNOWN: KeyVerdict = { kind: 'unknown' };

/** Verdicts from memory, kept true by the database's own announcements of changed keys. */
export function createKeyVerifier(options: {
  readonly database: Pick<Database, 'store' | 'createClient'>;
  /** Opens the provider keys of organizations. */
  readonly vault: Vault;
  readonly clock: Clock;
  /** For keys that have no limit of their own. */
  readonly rateLimitRpm: number;
}): KeyVerifier {
  const { database, clock, rateLimitRpm } = options;
  const cache = new VerdictCache();
  const lastUse = new LastUse(database.store);
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
    const answer = findKey(options, hash)
      .then((row) => {
        const verdict = verdictOf({ row, hash, rateLimitRpm, nowMs: clock() });
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

interface Row {
  readonly key: typeof apiKeys.$inferSelect;
  readonly timeZone: string;
  readonly planId: string;
  readonly nextPlanId: string | null;
  readonly nextPlanMonth: string | null;
  readonly ownKeys: OwnKeys;
}

/** Whose key it is says the row: hence past all scopes. */
function findKey(
  { database, vault }: { readonly database: Pick<Database, 'store'>; readonly vault: Vault },
  hash: string,
): Promise<Row | undefined> {
  const secretHash = Buffer.from(hash, 'hex');
  return inSystem(database, async (transaction) => {
    const [row] = await transaction
      .select({
        key: apiKeys,
        timeZone: organizations.timeZone,
        planId: organizations.planId,
        nextPlanId: organizations.nextPlanId,
        nextPlanMonth: organizations.nextPlanMonth,
      })
      .from(apiKeys)
      .innerJoin(organizations, eq(organizations.id, apiKeys.organizationId))
      .where(or(eq(apiKeys.secretHash, secretHash), eq(apiKeys.previousSecretHash, secretHash)));
    if (row === undefined) return undefined;
    return { ...row, ownKeys: await readOwnKeys(transaction, vault, row.key.organizationId) };
  });
}

interface Found {
  readonly row: Row | undefined;
  readonly hash: string;
  readonly rateLimitRpm: number;
  readonly nowMs: number;
}

function verdictOf({ row, hash, rateLimitRpm, nowMs }: Found): KeyVerdict {
  if (row === undefined) return UNKNOWN;
  const { key, timeZone, ownKeys } = row;
  if (key.revokedAt !== null) return { kind: 'revoked' };
  const { id, organizationId, createdBy, name, allowedModels, geoPolicy, ipAllowList } = key;
  const isReplaced = key.secretHash.toString('hex') !== hash;
  return {
    kind: 'valid',
    key: {
      id,
      organizationId,
      timeZone,
      plan: bookedPlan(row, nowMs),
      ownKeys,
      createdBy: createdBy ?? undefined,
      name,
      rateLimitRpm: key.rateLimitRpm ?? rateLimitRpm,
      allowedModels: allowedModels === null ? undefined : new Set(allowedModels),
      geoPolicy,
      cache: cacheOf(key),
      allowedAddresses: ipAllowList === null ? undefined : createAddressRanges(ipAllowList),
      expiresAtMs: key.expiresAt?.getTime(),
      replacedAtMs: isReplaced ? (key.previousSecretEndsAt?.getTime() ?? 0) : undefined,
    },
  };
}

const cacheOf = ({
  cacheMode: mode,
  cacheScope: scope,
  cacheTtlSeconds,
  cacheMinSimilarity: minSimilarity,
}: Row['key']): KeyCache | undefined =>
  mode === 'off' ? undefined : { mode, scope, ttlMs: cacheTtlSeconds * 1_000, minSimilarity };
