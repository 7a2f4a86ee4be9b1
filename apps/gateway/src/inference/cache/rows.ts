import { and, desc, eq, gt, or, sql } from 'drizzle-orm';
import type { Context } from '../../platform/context.ts';
import { cachedAnswers, inTenant, type Transaction } from '../../platform/db/index.ts';
import { PURPOSES, type CachedAnswerPlace } from '../../platform/vault-purposes.ts';
import type { KeptAnswer } from './cacheable-request.ts';
import type { Place } from './places.ts';

type Row = typeof cachedAnswers.$inferSelect;

/** The way to the rows, and what seals them. */
export type Rows = Pick<Context, 'store' | 'vault'>;

/** An answer, or the vector of one, that lies at a place. */
export type FoundRow = Pick<
  Row,
  'requestDigest' | 'model' | 'hostDigest' | 'keyId' | 'vector' | 'createdAt' | 'expiresAt'
> & {
  /** Of the very same request only: the others may be many, and one is wanted. */
  readonly answer: Buffer | null;
};

/** What can be told apart by numbers and words is told apart by the digest: more are not worth looking at. */
const MAX_ALIKE = 32;

/** What is at this place and has not expired: first the very same request's, then the newest. */
export function findRows(
  { store }: Rows,
  organizationId: string,
  { place, nowMs }: { readonly place: Place; readonly nowMs: number },
): Promise<readonly FoundRow[]> {
  const isSame = eq(cachedAnswers.requestDigest, place.request);
  const isAlike = place.likeness && eq(cachedAnswers.likenessDigest, place.likeness);
  return inTenant({ store }, organizationId, (transaction) =>
    transaction
      .select({
        requestDigest: cachedAnswers.requestDigest,
        model: cachedAnswers.model,
        hostDigest: cachedAnswers.hostDigest,
        keyId: cachedAnswers.keyId,
        vector: cachedAnswers.vector,
        createdAt: cachedAnswers.createdAt,
        expiresAt: cachedAnswers.expiresAt,
        answer: sql<Buffer | null>`case when ${isSame} then ${cachedAnswers.answer} end`,
      })
      .from(cachedAnswers)
      .where(
        and(
          eq(cachedAnswers.organizationId, organizationId),
          gt(cachedAnswers.expiresAt, new Date(nowMs)),
          or(isSame, isAlike),
        ),
      )
      .orderBy(desc(isSame), desc(cachedAnswers.createdAt))
      .limit(MAX_ALIKE),
  );
}

/** The answer of a row that was found for its likeness; null: it is gone by now. */
export async function readAnswer(
  { store }: Rows,
  organizationId: string,
  { requestDigest, model }: Pick<FoundRow, 'requestDigest' | 'model'>,
): Promise<Buffer | null> {
  const [row] = await inTenant({ store }, organizationId, (transaction) =>
    transaction
      .select({ answer: cachedAnswers.answer })
      .from(cachedAnswers)
      .where(
        and(
          eq(cachedAnswers.organizationId, organizationId),
          eq(cachedAnswers.requestDigest, requestDigest),
          eq(cachedAnswers.model, model),
        ),
      ),
  );
  return row?.answer ?? null;
}

/** Puts rows of one organization down, each in the place of the one before, and keeps to the organization's bounds. */
export function writeRows(
  { store }: Rows,
  organizationId: string,
  { rows, bounds }: { readonly rows: readonly Row[]; readonly bounds: Bounds },
): Promise<void> {
  return inTenant({ store }, organizationId, async (transaction) => {
    await transaction
      .insert(cachedAnswers)
      .values([...rows])
      .onConflictDoUpdate({
        target: [cachedAnswers.organizationId, cachedAnswers.requestDigest, cachedAnswers.model],
        set: Object.fromEntries(
          REPLACED.map((column) => [
            column,
            sql`excluded.${sql.identifier(cachedAnswers[column].name)}`,
          ]),
        ),
      });
    await trim(transaction, organizationId, bounds);
  });
}

const REPLACED = [
  'hostDigest',
  'keyId',
  'answer',
  'byteCount',
  'likenessDigest',
  'vector',
  'createdAt',
  'expiresAt',
] as const;

interface Bounds {
  readonly entries: number;
  readonly bytes: number;
}

/** The oldest go first. */
async function trim(
  transaction: Transaction,
  organizationId: string,
  { entries, bytes }: Bounds,
): Promise<void> {
  await transaction.execute(sql`
    delete from cached_answers where ctid in (
      select row from (
        select ctid as row, row_number() over newest as position, sum(byte_count) over newest as bytes
        from cached_answers where organization_id = ${organizationId}
        window newest as (order by created_at desc, request_digest, model)
      ) as ranked
      where position > ${entries} or bytes > ${bytes}
    )`);
}

export const sealAnswer = ({ vault }: Rows, row: CachedAnswerPlace, answer: KeptAnswer): Buffer =>
  vault.seal(PURPOSES.cachedAnswer(row), JSON.stringify(answer));

/** `undefined`: it was sealed under another master key, or changed. */
export const openAnswer = (
  { vault }: Rows,
  row: CachedAnswerPlace,
  sealed: Buffer,
): KeptAnswer | undefined =>
  opened(() => JSON.parse(vault.open(PURPOSES.cachedAnswer(row), sealed).reveal()) as KeptAnswer);

export const sealVector = ({ vault }: Rows, row: CachedAnswerPlace, vector: Int8Array): Buffer =>
  vault.seal(PURPOSES.cachedVector(row), Buffer.from(vector.buffer).toString('base64'));

export const openVector = (
  { vault }: Rows,
  row: CachedAnswerPlace,
  sealed: Buffer,
): Int8Array | undefined =>
  opened(() =>
    Int8Array.from(Buffer.from(vault.open(PURPOSES.cachedVector(row), sealed).reveal(), 'base64')),
  );

function opened<Content>(open: () => Content): Content | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
