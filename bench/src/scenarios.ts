import type { Load } from './load.ts';
import { requestOf, type Target } from './target.ts';

export interface Scenario {
  readonly name: string;
  readonly kind: 'throughput' | 'paced' | 'streams';
  readonly connections: number;
  readonly ratePerSecond?: number;
}

const CHUNK_INTERVAL_MS = 20;
const CHUNKS_PER_STREAM = 100;

export const SCENARIOS: readonly Scenario[] = [
  { name: 'JSON, 1 connection', kind: 'throughput', connections: 1 },
  { name: 'JSON, 32 connections', kind: 'throughput', connections: 32 },
  { name: 'JSON, 256 connections', kind: 'throughput', connections: 256 },
  { name: 'JSON, 500 requests/s', kind: 'paced', connections: 64, ratePerSecond: 500 },
  streams(64),
  streams(500),
];

function streams(connections: number): Scenario {
  return { name: `SSE, ${connections} streams`, kind: 'streams', connections };
}

export interface Durations {
  readonly rounds: number;
  readonly warmupMs: number;
  readonly measureMs: number;
}

export function loadOf(scenario: Scenario, target: Target, durations: Durations): Load {
  const body = chatBody(target.model, scenario.kind === 'streams');
  const { warmupMs, measureMs } = durations;
  return {
    port: target.port,
    requests: [requestOf(target, '/v1/chat/completions', body)],
    connections: scenario.connections,
    warmupMs,
    // Long enough for every stream to begin at least once.
    measureMs: scenario.kind === 'streams' ? Math.max(measureMs, 4000) : measureMs,
    ...(scenario.ratePerSecond === undefined ? {} : { ratePerSecond: scenario.ratePerSecond }),
  };
}

export function chatBody(model: string, isStream: boolean): string {
  const messages = [
    { role: 'system', content: 'You are a helpful assistant that answers in one paragraph.' },
    { role: 'user', content: 'What does the poem about the wandering king say? '.repeat(5) },
  ];
  const body = { model, messages, temperature: 0.2 };
  if (!isStream) return JSON.stringify({ ...body, max_tokens: 200 });
  return JSON.stringify({
    ...body,
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: CHUNKS_PER_STREAM,
    seed: CHUNK_INTERVAL_MS,
  });
}
