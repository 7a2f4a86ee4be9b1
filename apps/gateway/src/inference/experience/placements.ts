import { desc, gt, and, isNotNull } from 'drizzle-orm';
import { routingDecisions, type Transaction } from '../../platform/db/index.ts';
import type { ConversationMemory } from '../routing/index.ts';

const RECENT_MS = 24 * 60 * 60_000;
const MAX_READ = 20_000;

/** Where the conversations of the last day are, as the log of decisions knows it. */
export async function readPlacements(
  transaction: Transaction,
  memory: ConversationMemory,
  nowMs: number,
): Promise<void> {
  const { conversation, modelUsed, decidedAt } = routingDecisions;
  const latest = await transaction
    .select({ conversation, modelUsed })
    .from(routingDecisions)
    .where(
      and(
        isNotNull(conversation),
        isNotNull(modelUsed),
        gt(decidedAt, new Date(nowMs - RECENT_MS)),
      ),
    )
    .orderBy(desc(decidedAt))
    .limit(MAX_READ);
  for (const { conversation: id, modelUsed: modelId } of latest.toReversed())
    if (id !== null && modelId !== null) memory.place(id, modelId);
}

/** What another gateway says: lines of `<conversation> <model>`. */
export function hearPlacements(payload: string, memory: ConversationMemory): void {
  for (const line of payload.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) memory.place(line.slice(0, space), line.slice(space + 1));
  }
}
