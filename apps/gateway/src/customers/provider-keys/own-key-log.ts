import { sql } from 'drizzle-orm';
import { inSystem, type Stored } from '../../platform/db/index.ts';
import type { OwnKey } from './own-key.ts';

type Reference = Pick<OwnKey, 'id' | 'revision'>;

interface Note extends Reference {
  usedAtMs: number | undefined;
  /** `undefined`: it was accepted, or nothing was heard. */
  rejection: { readonly atMs: number; readonly status: number } | undefined;
}

const INTERVAL_MS = 10_000;

/**
 * What is heard of the organizations' keys while they are used: a statement per request would be the slowest part of it, so
 * notes are written in batches. Of each key the latest word counts.
 */
export class OwnKeyLog {
  #notes = new Map<string, Note>();
  readonly #store: Stored;
  readonly #timer: NodeJS.Timeout;

  constructor(store: Stored) {
    this.#store = store;
    this.#timer = setInterval(() => void this.write(), INTERVAL_MS).unref();
  }

  used(key: Reference, nowMs: number): void {
    const note = this.#noteOf(key);
    note.usedAtMs = nowMs;
    note.rejection = undefined;
  }

  rejected(key: Reference, status: number, nowMs: number): void {
    this.#noteOf(key).rejection = { atMs: nowMs, status };
  }

  /** What cannot be written is kept for the next time, unless something newer was heard since. */
  async write(): Promise<void> {
    const batch = this.#notes;
    if (batch.size === 0) return;
    this.#notes = new Map();
    try {
      await inSystem(this.#store, (transaction) =>
        transaction.execute(statement([...batch.values()])),
      );
    } catch {
      this.#notes = new Map([...batch, ...this.#notes]);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }

  #noteOf({ id, revision }: Reference): Note {
    const known = this.#notes.get(id);
    // The newest secret is the one that matters.
    if (known && known.revision >= revision) return known;
    const note = { id, revision, usedAtMs: undefined, rejection: undefined };
    this.#notes.set(id, note);
    return note;
  }
}

/** Rotated meanwhile: then nothing of it is true any more. */
function statement(notes: readonly Note[]) {
  const moment = (atMs: number | undefined): string | null =>
    atMs === undefined ? null : new Date(atMs).toISOString();
  const columns = [
    sql`${sql.param(notes.map(({ id }) => id))}::text[]`,
    sql`${sql.param(notes.map(({ revision }) => revision))}::integer[]`,
    sql`${sql.param(notes.map(({ usedAtMs }) => moment(usedAtMs)))}::timestamptz[]`,
    sql`${sql.param(notes.map(({ rejection }) => moment(rejection?.atMs)))}::timestamptz[]`,
    sql`${sql.param(notes.map(({ rejection }) => rejection?.status ?? null))}::integer[]`,
  ];
  return sql`
    update provider_keys set
      last_used_at = greatest(provider_keys.last_used_at, noted.used_at),
      rejected_at = case when noted.status is null then null
        else coalesce(provider_keys.rejected_at, noted.rejected_at) end,
      rejected_status = noted.status
    from unnest(${sql.join(columns, sql`, `)}) as noted (id, revision, used_at, rejected_at, status)
    where provider_keys.id = noted.id and provider_keys.revision = noted.revision`;
}
