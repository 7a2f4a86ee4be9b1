// `npm run eval:cache`: how often a semantic cache is right, and how often wrong. See README.md beside this file.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatureOf } from '../../apps/gateway/src/inference/cache/likeness/signature.ts';
import { loadPrompts, pairsOfOneSignature, sharesWithoutGuard } from './real-prompts.ts';
import { Vectors } from './vectors.ts';
import { loadPairs, type Pair } from './wordings.ts';

const HERE = import.meta.dirname;
const DATA = process.env['SEALGATE_ROUTING_DATA'] ?? join(HERE, '../../../shared/data/routing');
const THRESHOLDS = [0, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97];
const SAMPLE = 2_000;

const vectors = new Vectors();
const lines: string[] = [];
for (const name of ['seen', 'unseen'] as const) await judgePairs(name);
if (!process.argv.includes('--quick')) await judgePrompts();
await measureSpeed();
await vectors.close();
console.log(lines.join('\n'));
if (process.argv.includes('--keep')) keep(lines.join('\n'));

async function judgePairs(name: 'seen' | 'unseen'): Promise<void> {
  const { same, different } = loadPairs(name);
  lines.push(
    `### Pairs, ${name}: ${same.length} of one meaning, ${different.length} of different ones`,
    '',
    '| similarity at least | hits, vectors alone | false hits, vectors alone | hits, guard too | false hits, guard too |',
    '| --- | --- | --- | --- | --- |',
  );
  const [alike, unlike] = [await judge(same), await judge(different)];
  for (const threshold of THRESHOLDS) {
    const share = (pairs: readonly Judged[], isGuarded: boolean): string =>
      percent(
        pairs.filter((pair) => pair.similarity >= threshold && (pair.isAgreed || !isGuarded))
          .length / pairs.length,
      );
    lines.push(
      `| ${threshold} | ${share(alike, false)} | ${share(unlike, false)} | ${share(alike, true)} | ${share(unlike, true)} |`,
    );
  }
  const fooled = unlike.filter(({ isAgreed }) => isAgreed);
  lines.push('', 'What fools the guard:', '');
  for (const { pair, similarity } of fooled) {
    lines.push(`- “${pair[0]}” — “${pair[1]}” (${similarity.toFixed(3)})`);
  }
  lines.push('');
}

interface Judged {
  readonly pair: Pair;
  readonly similarity: number;
  /** By the guard. */
  readonly isAgreed: boolean;
}

async function judge(pairs: readonly Pair[]): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  for (const pair of pairs) {
    const [one, other] = pair.map(signatureOf);
    const similarity = await vectors.similarity(...pair);
    judged.push({ pair, similarity, isAgreed: one !== undefined && one === other });
  }
  return judged;
}

async function judgePrompts(): Promise<void> {
  const prompts = loadPrompts(DATA);
  if (prompts.length === 0) {
    console.log(`Skipped, for want of data in ${DATA}: the real prompts.`);
    return;
  }
  const { readable, pairs } = pairsOfOneSignature(prompts);
  // Not kept: the prompts are not ours. Whoever runs this judges them by hand.
  for (const [one, other] of pairs) console.log(`…${onOneLine(one)}\n  …${onOneLine(other)}`);
  const sample = prompts.filter((_, index) => index % Math.ceil(prompts.length / SAMPLE) === 0);
  const shares = await sharesWithoutGuard(vectors, sample, THRESHOLDS.slice(1));
  lines.push(
    `### Real prompts: ${prompts.length}, all different`,
    '',
    `With the guard, ${pairs.length} of the ${readable} that it takes have the signature of one before.`,
    '',
    `Without it, of a sample of ${sample.length}, so many would get the answer of another one:`,
    '',
    `| ${THRESHOLDS.slice(1).join(' | ')} |`,
    `| ${THRESHOLDS.slice(1)
      .map(() => '---')
      .join(' | ')} |`,
    `| ${shares.map(percent).join(' | ')} |`,
    '',
  );
}

async function measureSpeed(): Promise<void> {
  const texts = Array.from({ length: 200 }, (_, count) => `How do I reset password ${count}?`);
  const begin = performance.now();
  for (const text of texts) await vectors.of(text);
  const vectorMs = (performance.now() - begin) / texts.length;
  const again = performance.now();
  for (const text of texts) signatureOf(text);
  const signatureUs = ((performance.now() - again) / texts.length) * 1_000;
  lines.push(
    '### Time',
    '',
    `A vector of a short question: ${vectorMs.toFixed(1)} ms, on a thread of its own. A signature: ${signatureUs.toFixed(0)} µs.`,
  );
}

function onOneLine(text: string): string {
  return text.slice(-110).replaceAll(/\s+/g, ' ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function keep(results: string): void {
  const path = join(HERE, 'README.md');
  const [before] = readFileSync(path, 'utf8').split('<!-- results -->');
  writeFileSync(path, `${before}<!-- results -->\n\n${results}\n`);
}
