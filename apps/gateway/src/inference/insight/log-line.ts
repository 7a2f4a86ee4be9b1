import { nanoUsd, parseUsd, printUsd } from '@sealgate/contract';
import { z } from 'zod';
import type { LoggedDecision } from '../../customers/decisions/index.ts';

const share = z.number().min(0).max(1);
const amount = z.number().min(0);
const text = z.string().min(1);

const LoggedOption = z.object({
  model: text,
  quality: share,
  usd_per_1000: amount,
  latency_ms: amount,
  ratings: amount.default(0),
  utility: z.number(),
  probability: share,
});

/** Rounding leaves a few millionths. */
const MOST_ROUNDING = 1e-3;

/** One line of an exported log. Unknown fields are left alone: a log may come from a newer Sealgate. */
const LogLine = z
  .object({
    generation_id: text,
    decided_at: z.iso.datetime(),
    tier: z.enum(['fast', 'balanced', 'auto']),
    preference: z.enum(['fast', 'cheap', 'quality']).nullish(),
    policy: text,
    rules: z.object({ per_usd_per_1000: amount, per_second: amount, explores: z.boolean() }),
    options: z.array(LoggedOption).min(1),
    chosen: text,
    reason: z.enum(['only-one', 'conversation', 'best', 'exploration']),
    model_used: text.nullish(),
    rating: z.literal([1, -1]).nullish(),
    signal: z.literal('regenerated').nullish(),
    cost_usd: z
      .string()
      .transform((cost, check) => {
        const costNano = parseUsd(cost);
        if (costNano !== undefined && costNano >= 0n) return costNano;
        check.addIssue('must be an amount of US dollars in decimal text');
        return nanoUsd(0n);
      })
      .nullish(),
    features: z.string().nullish(),
  })
  .refine(({ options, chosen }) => options.some(({ model }) => model === chosen), {
    path: ['chosen'],
    error: 'must be the model of an option',
  })
  .refine(({ options, chosen }) => (chosenOf(options, chosen)?.probability ?? 1) > 0, {
    path: ['options'],
    error: 'must give the chosen model a probability above 0',
  })
  .refine(({ options }) => Math.abs(sumOf(options) - 1) < MOST_ROUNDING, {
    path: ['options'],
    error: 'must have probabilities that add up to 1',
  });

type PrintedOption = z.output<typeof LoggedOption>;

const chosenOf = (options: readonly PrintedOption[], chosen: string): PrintedOption | undefined =>
  options.find(({ model }) => model === chosen);

const sumOf = (options: readonly PrintedOption[]): number =>
  options.reduce((sum, { probability }) => sum + probability, 0);

/** One line of JSON, without its end. */
export function printLogLine(decision: LoggedDecision): string {
  const { perUsdPer1000, perSecond, explores } = decision.rules;
  return JSON.stringify({
    generation_id: decision.generationId,
    decided_at: decision.decidedAt.toISOString(),
    tier: decision.tier,
    preference: decision.preference ?? null,
    policy: decision.policy,
    rules: { per_usd_per_1000: perUsdPer1000, per_second: perSecond, explores },
    options: decision.options.map(({ usdPer1000, latencyMs, ...option }) => ({
      ...option,
      usd_per_1000: usdPer1000,
      latency_ms: latencyMs,
    })),
    chosen: decision.chosen,
    reason: decision.reason,
    model_used: decision.modelUsed ?? null,
    rating: decision.rating ?? null,
    signal: decision.signal ?? null,
    cost_usd: decision.costNano === undefined ? null : printUsd(decision.costNano),
    features: decision.features,
  } satisfies z.input<typeof LogLine>);
}

export type ReadLine =
  | { readonly kind: 'decision'; readonly decision: LoggedDecision }
  /** A sentence without its subject, such as `chosen must be the model of an option`. */
  | { readonly kind: 'fault'; readonly fault: string };

export function readLogLine(line: string): ReadLine {
  const json = parseJson(line);
  if (json === undefined) return { kind: 'fault', fault: 'is not JSON' };
  const { success, data, error } = LogLine.safeParse(json);
  return success
    ? { kind: 'decision', decision: decisionOf(data) }
    : { kind: 'fault', fault: faultOf(error) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function faultOf({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'is not understood'}`;
}

const decisionOf = (line: z.output<typeof LogLine>): LoggedDecision => ({
  generationId: line.generation_id,
  decidedAt: new Date(line.decided_at),
  tier: line.tier,
  preference: line.preference ?? undefined,
  policy: line.policy,
  rules: {
    perUsdPer1000: line.rules.per_usd_per_1000,
    perSecond: line.rules.per_second,
    explores: line.rules.explores,
  },
  options: line.options.map(({ usd_per_1000, latency_ms, ...option }) => ({
    ...option,
    usdPer1000: usd_per_1000,
    latencyMs: latency_ms,
  })),
  chosen: line.chosen,
  reason: line.reason,
  features: line.features ?? undefined,
  modelUsed: line.model_used ?? undefined,
  rating: line.rating ?? undefined,
  signal: line.signal ?? undefined,
  costNano: line.cost_usd ?? undefined,
});
