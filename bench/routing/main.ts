// `npm run eval:routing`: how well the router learns, on recorded outcomes. See README.md beside this file.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSets } from './data.ts';
import { measureDecision } from './decision-speed.ts';
import { judgeLive } from './live.ts';
import { judgeLocalTasks, judgeSet } from './protocols.ts';
import { printTable, type ResultRow } from './report.ts';
import { spreadOf } from './spread.ts';

const HERE = import.meta.dirname;
const DATA = process.env['SEALGATE_ROUTING_DATA'] ?? join(HERE, '../../../shared/data/routing');
const RESULTS = join(HERE, 'results');
const MARKS = ['<!-- results -->', '<!-- /results -->'] as const;

const rows: ResultRow[] = [...decisions(4), ...decisions(12), ...decisions(300)];
if (process.argv.includes('--decision')) {
  console.log(printTable(rows));
  process.exit();
}
if (process.argv.includes('--live')) {
  console.log(printTable(record('bundled-models-live', await judgeLive())));
  process.exit();
}
rows.push(...record('bundled-models', judgeLocalTasks()));
if (!process.argv.includes('--no-live'))
  rows.push(...record('bundled-models-live', await judgeLive()));
const sets = loadSets(DATA);
if (sets.length === 0) console.log(`Skipped, for want of data in ${DATA}: every recorded set.`);
for (const set of sets) rows.push(...record(set.name, judgeSet(set)));
console.log(printTable(rows));
if (process.argv.includes('--keep')) keep(printTable(rows));

function decisions(poolSize: number): readonly ResultRow[] {
  const { p50Us, p99Us, bytesPerModel } = measureDecision(poolSize);
  const set = `live decision, 1,000 characters, ${poolSize} models`;
  const measures = { 'p50, µs': p50Us, 'p99, µs': p99Us, 'bytes per model': bytesPerModel };
  return Object.entries(measures).map(([measure, value]) => ({
    set,
    measure,
    value: spreadOf([value]),
    beside: '',
  }));
}

function record(name: string, results: readonly ResultRow[]): readonly ResultRow[] {
  if (process.argv.includes('--keep')) {
    mkdirSync(RESULTS, { recursive: true });
    writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
  }
  return results;
}

function keep(table: string): void {
  const path = join(HERE, 'README.md');
  const [before, after] = MARKS.map((mark) => readFileSync(path, 'utf8').split(mark));
  const text = [before?.[0], MARKS[0], `\n\n${table}\n\n`, MARKS[1], after?.[1]];
  writeFileSync(path, text.join(''));
}
