import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { signatureOf } from '../../apps/gateway/src/inference/cache/likeness/signature.ts';
import { similarityOf } from '../../apps/gateway/src/inference/cache/likeness/vector.ts';
import type { Vectors } from './vectors.ts';
import type { Pair } from './wordings.ts';

/** Different prompts of the recorded sets, each once; none where the folder is absent. */
export function loadPrompts(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl.gz'));
  const lines = files.flatMap((file) =>
    gunzipSync(readFileSync(join(folder, file)))
      .toString('utf8')
      .trim()
      .split('\n')
      .slice(1),
  );
  return [...new Set(lines.map((line) => (JSON.parse(line) as { readonly p: string }).p.trim()))];
}

/** Pairs that the guard takes for one question. What is right about them, a person has to judge. */
export function pairsOfOneSignature(prompts: readonly string[]): {
  readonly readable: number;
  readonly pairs: readonly Pair[];
} {
  const first = new Map<string, string>();
  const pairs: Pair[] = [];
  let readable = 0;
  for (const prompt of prompts) {
    const signature = signatureOf(prompt);
    if (signature === undefined) continue;
    readable += 1;
    const before = first.get(signature);
    if (before === undefined) first.set(signature, prompt);
    else pairs.push([before, prompt]);
  }
  return { readable, pairs };
}

/**
 * What thresholds alone would do: the share of prompts that find, among those before them, one that is near enough. All are
 * different questions, so that nearly each of these hits is false.
 */
export async function sharesWithoutGuard(
  vectors: Vectors,
  prompts: readonly string[],
  thresholds: readonly number[],
): Promise<readonly number[]> {
  const known: Int8Array[] = [];
  const nearest: number[] = [];
  for (const prompt of prompts) {
    const vector = await vectors.of(prompt);
    if (vector === undefined) continue;
    nearest.push(known.reduce((most, other) => Math.max(most, similarityOf(vector, other)), 0));
    known.push(vector);
  }
  return thresholds.map(
    (threshold) => nearest.filter((similarity) => similarity >= threshold).length / nearest.length,
  );
}
