import { expect, test } from 'vitest';
import { createMetrics, type HealthSource } from './metrics.ts';

const linesOf = async (source: HealthSource): Promise<readonly string[]> => {
  const metrics = createMetrics();
  metrics.watchHealth(source);
  const text = await metrics.registry.metrics();
  return text.split('\n').filter((line) => /^sealgate_(upstream_[sfu]|model)/.test(line));
};

const well = { state: 'healthy', failureRatio: 0, closure: undefined } as const;

test('the health of upstreams and models is what it is when the metrics are read', async () => {
  const lines = await linesOf({
    upstreams: () => [['host', well]],
    models: () => [
      [
        'host/a',
        'host',
        {
          state: 'unavailable',
          failureRatio: 0.5,
          closure: { untilMs: 1_700_000_000_500 },
          streamFirstByte: { p50Ms: 200, p95Ms: 900 },
          wholeAnswer: undefined,
        },
      ],
    ],
  });
  expect(lines).toEqual([
    'sealgate_upstream_state{upstream="host",model="",state="healthy"} 1',
    'sealgate_upstream_state{upstream="host",model="",state="degraded"} 0',
    'sealgate_upstream_state{upstream="host",model="",state="unavailable"} 0',
    'sealgate_upstream_state{upstream="host",model="host/a",state="healthy"} 0',
    'sealgate_upstream_state{upstream="host",model="host/a",state="degraded"} 0',
    'sealgate_upstream_state{upstream="host",model="host/a",state="unavailable"} 1',
    'sealgate_upstream_failure_ratio{upstream="host",model=""} 0',
    'sealgate_upstream_failure_ratio{upstream="host",model="host/a"} 0.5',
    'sealgate_upstream_unavailable_until_timestamp_seconds{upstream="host",model=""} 0',
    'sealgate_upstream_unavailable_until_timestamp_seconds{upstream="host",model="host/a"} 1700000000.5',
    'sealgate_model_answer_seconds{upstream="host",model="host/a",mode="stream",quantile="0.5"} 0.2',
    'sealgate_model_answer_seconds{upstream="host",model="host/a",mode="stream",quantile="0.95"} 0.9',
  ]);
});

test('what has gone is not shown any more', async () => {
  const upstreams = [['host', well] as const];
  const metrics = createMetrics();
  metrics.watchHealth({ upstreams: () => upstreams, models: () => [] });
  expect(await metrics.registry.metrics()).toContain('upstream="host"');
  upstreams.length = 0;
  expect(await metrics.registry.metrics()).not.toContain('upstream="host"');
});
