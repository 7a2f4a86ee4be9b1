import { nanoUsd } from '@sealgate/contract';
import { and, eq } from 'drizzle-orm';
import { testGeneration } from '../../customers/billing/testing.ts';
import type { Generation } from '../../customers/billing/index.ts';
import { settleGenerations } from '../../customers/billing/settlement/settle-generations.ts';
import { printGeneration } from '../../customers/billing/usage/print-generation.ts';
import type { RoutingDecision } from '../../customers/decisions/index.ts';
import { submitFeedback } from '../../customers/feedback/index.ts';
import type { Context } from '../../platform/context.ts';
import { feedback, routingDecisions } from '../../platform/db/index.ts';
import type { TestDatabase } from '../../platform/db/testing.ts';
import { featuresToBytes, readFeatures, type Features } from '../routing/learning/index.ts';
import { promptOf } from '../routing/learning/testing-prompts.ts';

export const featuresOf = (prompt: string): Features => readFeatures(promptOf(prompt));

/** As the router decides between these two; nothing else imports this file but tests. */
const testDecision = (prompt: string, changes: Partial<RoutingDecision> = {}): RoutingDecision => ({
  tier: 'auto',
  preference: undefined,
  policy: 'test',
  rules: { perUsdPer1000: 0, perSecond: 0, explores: true },
  options: ['a/one', 'b/two'].map((model) => ({
    model,
    quality: 0.7,
    usdPer1000: 1,
    latencyMs: 100,
    ratings: 0,
    utility: 0.7,
    probability: 0.5,
  })),
  chosen: 'a/one',
  reason: 'best',
  features: Buffer.from(featuresToBytes(featuresOf(prompt))).toString('base64'),
  conversation: undefined,
  ...changes,
});

export interface ToGenerate {
  readonly prompt: string;
  readonly model: string;
  readonly decision?: Partial<RoutingDecision>;
  readonly changes?: Partial<Generation>;
}

/** A generation of a tier, as the journal brings it into the database; its id. */
export async function plantGeneration(
  ctx: Context,
  { prompt, model, decision, changes }: ToGenerate,
): Promise<string> {
  const generation = testGeneration('org_1', {
    costNano: nanoUsd(0n),
    modelUsed: model,
    decision: testDecision(prompt, { chosen: model, ...decision }),
    startedAtMs: ctx.clock(),
    ...changes,
  });
  const rejected = await settleGenerations(ctx, [printGeneration(generation)]);
  if (rejected.length > 0) throw new Error('the generation cannot be stored');
  return generation.id;
}

/** Through the verb that the route calls. */
export async function vote(
  ctx: Context,
  generationId: string,
  { rating, rater = 'usr_1' }: { readonly rating: 1 | -1; readonly rater?: string },
): Promise<void> {
  const actor = {
    kind: 'key',
    keyId: `key_of_${rater}`,
    organizationId: 'org_1',
    userId: rater,
    role: 'developer',
  } as const;
  const flushUsage = (): Promise<void> => Promise.resolve();
  await submitFeedback({ ...ctx, actor, flushUsage }, { generationId, rating });
}

/** There is no way to do this through the API yet; an operator may. */
export async function withdrawVote(
  { admin }: Pick<TestDatabase, 'admin'>,
  generationId: string,
): Promise<void> {
  await admin.delete(feedback).where(eq(feedback.generationId, generationId));
  await admin
    .update(routingDecisions)
    .set({ isDue: true })
    .where(and(eq(routingDecisions.generationId, generationId)));
}
