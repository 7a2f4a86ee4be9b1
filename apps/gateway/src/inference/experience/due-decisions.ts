import { and, eq, gte, inArray, isNull, ne, sql, type SQL } from 'drizzle-orm';
import {
  apiKeys,
  feedback,
  routingDecisions,
  routingLessons,
  type Transaction,
} from '../../platform/db/index.ts';
import { featuresFromBytes, raterWeight, TEACHINGS } from '../routing/index.ts';
import type { LogRow } from './lesson-log.ts';

type Features = NonNullable<ReturnType<typeof featuresFromBytes>>;

/** What somebody has said or done about an answer. */
export interface Verdict {
  readonly signal: 'rated-good' | 'rated-bad' | 'regenerated';
  /** The user; the key, where it is nobody's. */
  readonly rater: string;
  readonly keyId: string | null;
}

/** A decision about which there is something new. */
export interface DueDecision {
  readonly generationId: string;
  readonly organizationId: string;
  /** `undefined`: nothing can be learned from it, since nobody served, or features are not kept. */
  readonly teachable: { readonly modelId: string; readonly features: Features } | undefined;
  /** `undefined`: what was said is withdrawn. */
  readonly verdict: Verdict | undefined;
  /** What was learned from it and is in force. */
  readonly lesson: LogRow | undefined;
  /** How often something was learned from it. */
  readonly lessonCount: number;
}

const DECISIONS_PER_TURN = 100;

export async function isAnythingDue(transaction: Transaction): Promise<boolean> {
  const due = await transaction
    .select({ id: routingDecisions.generationId })
    .from(routingDecisions)
    .where(sql`${routingDecisions.isDue}`)
    .limit(1);
  return due.length > 0;
}

/** Takes some, until the transaction ends. Those that somebody is voting on right now come next time. */
export async function takeDue(transaction: Transaction): Promise<readonly DueDecision[]> {
  const taken = await transaction
    .select()
    .from(routingDecisions)
    .where(sql`${routingDecisions.isDue}`)
    .orderBy(routingDecisions.generationId)
    .limit(DECISIONS_PER_TURN)
    .for('update', { skipLocked: true });
  if (taken.length === 0) return [];
  const ids = taken.map(({ generationId }) => generationId);
  // After the rows are locked: a vote that came between is seen, or comes again.
  const votes = await transaction
    .select()
    .from(feedback)
    .where(inArray(feedback.generationId, ids));
  const lessons = await transaction
    .select()
    .from(routingLessons)
    .where(and(inArray(routingLessons.generationId, ids), eq(routingLessons.kind, 'learn')));
  const outdated = await outdatedAmong(transaction, ids);
  return taken.map((decision) => {
    const { generationId, organizationId } = decision;
    const own = lessons.filter((row) => row.generationId === generationId);
    return {
      generationId,
      organizationId,
      teachable: outdated.has(generationId) ? undefined : teachableOf(decision),
      verdict: verdictOf(
        decision,
        votes.find((vote) => vote.generationId === generationId),
      ),
      lesson: own.find(({ undoneBy }) => undoneBy === null),
      lessonCount: own.length,
    };
  });
}

/** Answers of a version of the model that is no more: what is said about them says nothing about the new one. */
async function outdatedAmong(
  transaction: Transaction,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await transaction.execute<{ id: string }>(sql`
    select generation_id as id from routing_decisions as decision
    where generation_id = any(${sql.param(ids)}::text[]) and exists (
      select from routing_lessons as reset
      where reset.kind = 'reset' and reset.model_id = decision.model_used and reset.created_at > decision.decided_at)`);
  return new Set(rows.map(({ id }) => id));
}

type StoredDecision = typeof routingDecisions.$inferSelect;

function teachableOf({ modelUsed, features: bytes }: StoredDecision): DueDecision['teachable'] {
  const features = bytes === null ? undefined : featuresFromBytes(bytes);
  return modelUsed === null || features === undefined
    ? undefined
    : { modelId: modelUsed, features };
}

/** What was said counts, and what was done only where nothing was said. */
function verdictOf(
  decision: StoredDecision,
  vote: typeof feedback.$inferSelect | undefined,
): Verdict | undefined {
  if (vote !== undefined) {
    const rater = vote.userId ?? vote.keyId ?? '';
    return { signal: vote.rating > 0 ? 'rated-good' : 'rated-bad', rater, keyId: vote.keyId };
  }
  if (decision.signal === null) return undefined;
  const { keyId, userId } = decision;
  return { signal: decision.signal, rater: userId ?? keyId, keyId };
}

/** How much a verdict counts: the more its rater has said, the less. */
export async function weigh(
  transaction: Transaction,
  {
    generationId,
    organizationId,
    verdict,
  }: Pick<DueDecision, 'generationId' | 'organizationId'> & { readonly verdict: Verdict },
  nowMs: number,
): Promise<number> {
  const { rater, keyId, signal } = verdict;
  const today = new Date(Math.floor(nowMs / DAY_MS) * DAY_MS);
  const inForce = and(
    eq(routingLessons.kind, 'learn'),
    isNull(routingLessons.undoneBy),
    ne(routingLessons.generationId, generationId),
  );
  const ofRater = and(inForce, eq(routingLessons.rater, rater));
  const ofToday = gte(routingLessons.createdAt, today);
  const [ratingsByUser, ratingsTodayByUser, ratingsTodayByKey] = [
    await transaction.$count(routingLessons, ofRater),
    await transaction.$count(routingLessons, and(ofRater, ofToday)),
    keyId === null
      ? 0
      : await transaction.$count(
          routingLessons,
          and(inForce, eq(routingLessons.keyId, keyId), ofToday),
        ),
  ];
  const isAlone =
    !(await hasKeysOfOthers(transaction, organizationId)) &&
    !(await hasLessons(transaction, and(inForce, ne(routingLessons.rater, rater))));
  const history = { ratingsByUser, ratingsTodayByUser, ratingsTodayByKey, isAlone };
  return TEACHINGS[signal].weight * raterWeight(history);
}

async function hasKeysOfOthers(transaction: Transaction, organizationId: string): Promise<boolean> {
  const others = await transaction
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(ne(apiKeys.organizationId, organizationId), isNull(apiKeys.revokedAt)))
    .limit(1);
  return others.length > 0;
}

/** Does not count them: the log may be long. */
async function hasLessons(transaction: Transaction, where: SQL | undefined): Promise<boolean> {
  const found = await transaction
    .select({ position: routingLessons.position })
    .from(routingLessons)
    .where(where)
    .limit(1);
  return found.length > 0;
}

const DAY_MS = 24 * 60 * 60_000;

export async function settleDue(
  transaction: Transaction,
  decisions: readonly DueDecision[],
): Promise<void> {
  const ids = decisions.map(({ generationId }) => generationId);
  await transaction
    .update(routingDecisions)
    .set({ isDue: false })
    .where(inArray(routingDecisions.generationId, ids));
}
