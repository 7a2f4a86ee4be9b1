import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  readFeatures,
  type Features,
} from '../../apps/gateway/src/inference/routing/learning/index.ts';

/** One prompt with the outcome of every model. */
export interface Row {
  readonly group: string;
  readonly split: 'train' | 'test' | undefined;
  readonly features: Features;
  readonly chars: number;
  /** Per model, between 0 and 1. */
  readonly quality: readonly number[];
  /** Per model, US dollars for a thousand such requests; empty where the set has no prices. */
  readonly usdPer1000: readonly number[];
}

export interface DataSet {
  readonly name: string;
  readonly models: readonly string[];
  readonly rows: readonly Row[];
}

interface RawRow {
  readonly g?: string;
  readonly s?: string;
  readonly p: string;
  readonly y: readonly number[];
  readonly c?: readonly number[];
  /** Among the examples that RouteLLM's own decontamination takes out. */
  readonly x?: number;
}

/** RouterDC scores these by the share of samples that were right; in its other groups any score above 0 is a right answer. */
const SHARES = new Set(['gsm8k', 'humaneval', 'javascript', 'mbpp', 'MATH_prealgebra']);

/** Every set in the folder; none where the folder is absent. */
export function loadSets(folder: string): readonly DataSet[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl.gz'))
    .sort()
    .map((file) => loadSet(join(folder, file), file.replace('.jsonl.gz', '')));
}

function loadSet(path: string, name: string): DataSet {
  const [head, ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  const { models } = (JSON.parse(head ?? '{}') as { _meta: { models: string[] } })._meta;
  const raw = lines.map((line) => JSON.parse(line) as RawRow).filter(({ x }) => x === undefined);
  const top = raw.reduce((most, { y }) => Math.max(most, ...y), 1);
  return { name, models, rows: raw.map((row) => readRow(row, { name, top })) };
}

function readRow(row: RawRow, set: { name: string; top: number }): Row {
  const group = row.g ?? 'all';
  const isRight = set.name.startsWith('routerdc') && !SHARES.has(group);
  const text = row.p;
  return {
    group,
    split: row.s === 'train' || row.s === 'test' ? row.s : undefined,
    features: readFeatures({
      text,
      hasTools: false,
      hasImages: false,
      systemChars: 0,
      turn: 1,
      maxTokens: undefined,
    }),
    chars: text.length,
    quality: row.y.map((y) => (isRight ? Number(y > 0) : y / set.top)),
    usdPer1000: (row.c ?? []).map((usd) => usd * 1_000),
  };
}
