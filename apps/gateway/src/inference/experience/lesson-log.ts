import { eq, gt, max, sql } from 'drizzle-orm';
import { routingLessons, routingSnapshots, type Transaction } from '../../platform/db/index.ts';
import { lessonFromBytes, type Change } from '../routing/index.ts';

export type LogRow = typeof routingLessons.$inferSelect;
export type NewLogRow = typeof routingLessons.$inferInsert;

/** One change of the book, at its place in the order that is the same for all gateways. */
export interface LogEntry {
  readonly position: number;
  readonly modelId: string;
  /** `undefined`: of a format that this version of the gateway cannot read. */
  readonly change: Change | undefined;
}

/** Heard by every gateway; says that the log goes on. */
export const LESSONS_CHANNEL = 'routing_lessons';

const ENTRIES_PER_READ = 500;

/** What comes after a position, in order; at most some hundreds. */
export async function readLog(
  transaction: Transaction,
  after: number,
): Promise<readonly LogEntry[]> {
  const rows = await transaction
    .select()
    .from(routingLessons)
    .where(gt(routingLessons.position, after))
    .orderBy(routingLessons.position)
    .limit(ENTRIES_PER_READ);
  return rows.map((row) => ({
    position: row.position,
    modelId: row.modelId,
    change: changeIn(row),
  }));
}

function changeIn({ kind, lesson: bytes, signal, ...row }: LogRow): Change | undefined {
  if (kind === 'reset') return { kind };
  const lesson = bytes === null ? undefined : lessonFromBytes(bytes);
  if (lesson === undefined) return undefined;
  if (kind === 'undo') return { kind, lesson };
  const { predicted, label, weight } = row;
  const isVote = signal !== 'regenerated' && predicted !== null && label !== null;
  return { kind, lesson, vote: isVote ? { predicted, label, weight: weight ?? 0 } : undefined };
}

/** Only for whoever holds the lock of lessons: nobody else writes meanwhile, so positions follow the order of commits. */
export async function append(transaction: Transaction, row: NewLogRow): Promise<void> {
  await transaction.insert(routingLessons).values(row);
}

export async function markUndone(
  transaction: Transaction,
  { position, undoneBy }: { readonly position: number; readonly undoneBy: number },
): Promise<void> {
  await transaction
    .update(routingLessons)
    .set({ undoneBy })
    .where(eq(routingLessons.position, position));
}

/** Where the log ends; old entries may be gone, of which the snapshots know. */
export async function lastPosition(transaction: Transaction): Promise<number> {
  const [log] = await transaction
    .select({ last: max(routingLessons.position) })
    .from(routingLessons);
  const [snapshot] = await transaction
    .select({ last: max(routingSnapshots.position) })
    .from(routingSnapshots);
  return Math.max(log?.last ?? 0, snapshot?.last ?? 0);
}

/** At the commit, so that whoever hears it finds the entries. */
export async function announceLessons(transaction: Transaction): Promise<void> {
  await transaction.execute(sql`select pg_notify(${LESSONS_CHANNEL}, '')`);
}
