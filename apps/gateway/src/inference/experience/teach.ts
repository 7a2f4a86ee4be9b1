import type { Clock } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { lessonFromBytes, lessonToBytes, TEACHINGS, type QualityBook } from '../routing/index.ts';
import { weigh, type DueDecision, type Verdict } from './due-decisions.ts';
import { append, markUndone, type LogRow, type NewLogRow } from './lesson-log.ts';
import { writeSnapshot } from './snapshots.ts';

/** What was learned from one verdict, or that a model began anew. */
export type Taught =
  | { readonly kind: 'lesson'; readonly signal: Verdict['signal']; readonly modelId: string }
  | { readonly kind: 'withdrawn'; readonly modelId: string }
  | { readonly kind: 'drifted'; readonly modelId: string }
  | { readonly kind: 'reset'; readonly modelId: string };

/** Leave to write into the log of lessons. */
export interface Pen {
  readonly transaction: Transaction;
  readonly book: QualityBook;
  readonly clock: Clock;
  readonly nextPosition: () => number;
  readonly snapshotEvery: number;
  /** To be told when the transaction is committed. */
  readonly note: (taught: Taught) => void;
}

/** Who changes their mind more often teaches nothing: the log is not to be filled. */
const MAX_LESSONS_PER_DECISION = 10;

/** Brings what was learned from a decision in line with what is said about it now. Does nothing when it is already. */
export async function teach(pen: Pen, due: DueDecision): Promise<void> {
  const { lesson, teachable, verdict } = due;
  if (teachable === undefined || lesson?.signal === verdict?.signal) return;
  if (lesson !== undefined) await takeBack(pen, lesson);
  if (verdict === undefined || due.lessonCount >= MAX_LESSONS_PER_DECISION) return;
  const { generationId, organizationId } = due;
  const nowMs = pen.clock();
  const weight = await weigh(pen.transaction, { generationId, organizationId, verdict }, nowMs);
  if (weight === 0) return;
  const { modelId, features } = teachable;
  const { signal, rater, keyId } = verdict;
  const { label } = TEACHINGS[signal];
  const isVote = signal !== 'regenerated';
  const learned = pen.book.learn(modelId, features, { rating: { label, weight }, isVote });
  await write(pen, {
    modelId,
    kind: 'learn',
    organizationId,
    generationId,
    signal,
    rater,
    keyId,
    label,
    weight,
    predicted: learned.predicted,
    lesson: Buffer.from(lessonToBytes(learned.lesson)),
  });
  pen.note({ kind: 'lesson', signal, modelId });
  if (learned.hasDrifted) pen.note({ kind: 'drifted', modelId });
}

/** Of a model that is another one now, little is kept. */
export async function writeReset(pen: Pen, modelId: string): Promise<void> {
  pen.book.apply(modelId, { kind: 'reset' });
  await write(pen, { modelId, kind: 'reset' });
  pen.note({ kind: 'reset', modelId });
}

async function takeBack(pen: Pen, row: LogRow): Promise<void> {
  const { modelId, organizationId, generationId, signal, lesson: bytes } = row;
  const lesson = bytes === null ? undefined : lessonFromBytes(bytes);
  if (lesson !== undefined) pen.book.apply(modelId, { kind: 'undo', lesson });
  const undoneBy = await write(pen, {
    modelId,
    kind: 'undo',
    organizationId,
    generationId,
    signal,
    lesson: bytes,
  });
  await markUndone(pen.transaction, { position: row.position, undoneBy });
  pen.note({ kind: 'withdrawn', modelId });
}

async function write(
  { transaction, book, clock, nextPosition, snapshotEvery }: Pen,
  row: Omit<NewLogRow, 'position' | 'createdAt'>,
): Promise<number> {
  const position = nextPosition();
  await append(transaction, { ...row, position, createdAt: new Date(clock()) });
  // Also the others' cue to round; see `Learner`.
  if (position % snapshotEvery === 0)
    await writeSnapshot(transaction, { position, pages: book.pages() }, snapshotEvery);
  return position;
}
