import { z } from 'zod';
import { DEFAULT_RESILIENCE, type ResilienceSettings } from '../inference/upstreams/index.ts';

/** The part of `sealgate.yaml` about upstreams that fail, limit or dawdle. */

const duration = (byDefault: number, what: string): z.ZodDefault<z.ZodInt> =>
  z.int().min(1).max(86_400_000).default(byDefault).describe(what);

const whole = (bounds: readonly [number, number], byDefault: number, what: string) =>
  z.int().min(bounds[0]).max(bounds[1]).default(byDefault).describe(what);

export const onOff = z.enum(['on', 'off']);

const { breaker, retries, rejectedKeyMs, hedging } = DEFAULT_RESILIENCE;

const FileBreaker = z.strictObject({
  failures: whole(
    [1, 100],
    breaker.failures,
    'Failures in a row after which a model or an upstream is left alone',
  ),
  failure_percent: whole(
    [1, 100],
    breaker.failurePercent,
    'Share of failures among 20 or more requests in half a minute that does the same',
  ),
  cool_down_ms: duration(
    breaker.coolDownMs,
    'Time until one request may try again; doubles each time that one fails, up to a minute',
  ),
});

const FileRetries = z.strictObject({
  per_model: whole([0, 5], retries.perModel, 'Further tries at a model whose host stumbles'),
  budget_percent: whole(
    [0, 100],
    retries.budgetPercent,
    'Further requests to an upstream in percent of first ones; one every five seconds is free',
  ),
});

export const FileResilience = z.strictObject({
  breaker: FileBreaker.prefault({}).describe('When to leave a model or an upstream alone'),
  retries: FileRetries.prefault({}).describe('When to ask again'),
  rejected_key_ms: duration(rejectedKeyMs, 'How long a key is left alone that was rejected'),
  hedge: onOff
    .default(hedging.isOn ? 'on' : 'off')
    .describe(
      '`on`: where an answer takes longer than 19 of 20 did before, another model is asked too, and the faster one serves',
    ),
  hedge_at_least_ms: duration(hedging.atLeastMs, 'Shortest wait before another model is asked too'),
  hedge_samples: whole(
    [1, 1_000],
    hedging.samples,
    'Answers of a model before it is known how long they take',
  ),
});

export type FileResilience = z.output<typeof FileResilience>;

export function resilienceSettings(file: FileResilience): ResilienceSettings {
  const { breaker, retries } = file;
  return Object.freeze({
    breaker: Object.freeze({
      failures: breaker.failures,
      failurePercent: breaker.failure_percent,
      coolDownMs: breaker.cool_down_ms,
    }),
    retries: Object.freeze({
      perModel: retries.per_model,
      budgetPercent: retries.budget_percent,
    }),
    rejectedKeyMs: file.rejected_key_ms,
    hedging: Object.freeze({
      isOn: file.hedge === 'on',
      atLeastMs: file.hedge_at_least_ms,
      samples: file.hedge_samples,
    }),
  });
}
