import type { Measurement } from './measure.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { type Summary, summaryOf } from './statistics.ts';
import type { TargetName } from './target.ts';

export interface Run {
  readonly scenario: string;
  readonly target: TargetName;
  readonly round: number;
  readonly measurement: Measurement;
}

export interface SealedRun {
  readonly round: number;
  readonly measurement: Measurement;
  /** RSA-4096 decryptions per second of the whole machine, measured right before. */
  readonly rsaPerSecond: number;
}

export interface Report {
  readonly date: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly rounds: number;
  readonly idleRssMegabytes: Readonly<Partial<Record<TargetName, number>>>;
  readonly runs: readonly Run[];
  readonly sealed: readonly SealedRun[];
}

interface Column {
  readonly title: string;
  readonly digits: number;
  readonly value: (measurement: Measurement) => number | undefined;
}

const CPU: Column = {
  title: 'processor µs per answer or chunk',
  digits: 0,
  value: ({ cpuMicrosPerUnit }) => cpuMicrosPerUnit,
};
const ERRORS: Column = { title: 'errors', digits: 0, value: ({ errors }) => errors };

const COLUMNS: Readonly<Record<Scenario['kind'], readonly Column[]>> = {
  throughput: [
    { title: 'answers/s', digits: 0, value: ({ perSecond }) => perSecond },
    { title: 'p50 ms', digits: 2, value: ({ latencyMs }) => latencyMs.p50 },
    { title: 'p99 ms', digits: 2, value: ({ latencyMs }) => latencyMs.p99 },
    CPU,
    ERRORS,
  ],
  paced: [
    { title: 'p50 ms', digits: 2, value: ({ latencyMs }) => latencyMs.p50 },
    { title: 'p99 ms', digits: 2, value: ({ latencyMs }) => latencyMs.p99 },
    { title: 'answers/s', digits: 0, value: ({ perSecond }) => perSecond },
    CPU,
    ERRORS,
  ],
  streams: [
    { title: 'first byte p50 ms', digits: 2, value: ({ firstByteMs }) => firstByteMs.p50 },
    { title: 'first byte p99 ms', digits: 2, value: ({ firstByteMs }) => firstByteMs.p99 },
    { title: 'chunk delay p50 ms', digits: 2, value: ({ chunkDelayMs }) => chunkDelayMs.p50 },
    { title: 'chunk delay p99 ms', digits: 2, value: ({ chunkDelayMs }) => chunkDelayMs.p99 },
    { title: 'chunks/s', digits: 0, value: ({ chunksPerSecond }) => chunksPerSecond },
    CPU,
    ERRORS,
  ],
};

const TARGETS: readonly TargetName[] = ['direct', 'sealgate', 'uncounted', 'portkey'];

/** The whole report as Markdown. Every cell is the median of the rounds, with the least and the most in brackets. */
export function printReport(report: Report): string {
  const sections = SCENARIOS.flatMap((scenario) => [
    `### ${scenario.name}`,
    scenarioTable(report, scenario),
    ratios(report, scenario),
  ]);
  return [
    `Measured ${report.date}, ${report.rounds} rounds, on ${Object.values(report.machine).join(', ')}.`,
    ...sections,
    '### Memory of the gateway process',
    memoryTable(report),
    '### Sealed chat v1',
    sealedLine(report),
  ].join('\n\n');
}

function scenarioTable(report: Report, scenario: Scenario): string {
  const columns = COLUMNS[scenario.kind];
  const rows = present(report).map((target) =>
    [target as string].concat(
      columns.map((column) => cell(summarize(report, scenario, target, column), column.digits)),
    ),
  );
  return table(['', ...columns.map(({ title }) => title)], rows);
}

/** What the scenario is about: speed as a ratio, delay as what is added to a direct connection. */
function ratios(report: Report, scenario: Scenario): string {
  const median = (target: TargetName, index: number): number => {
    const column = COLUMNS[scenario.kind][index];
    return column ? (summarize(report, scenario, target, column)?.median ?? NaN) : NaN;
  };
  const [first, second] = COLUMNS[scenario.kind];
  if (scenario.kind === 'throughput') {
    const ours = median('sealgate', 0);
    return `Sealgate does ${print(ours / median('direct', 0), 2)} × the answers of a direct connection and ${print(ours / median('portkey', 0), 1)} × those of Portkey. ${priceOfCounting(report, scenario)}`;
  }
  const added = (target: TargetName, index: number): string =>
    print(median(target, index) - median('direct', index), 2);
  return `Added to a direct connection: Sealgate ${first?.title} ${added('sealgate', 0)}, ${second?.title} ${added('sealgate', 1)}; Portkey ${added('portkey', 0)} and ${added('portkey', 1)}.`;
}

/** Of each round against itself, since rounds differ more than what is looked for. */
function priceOfCounting({ runs }: Report, { name }: Scenario): string {
  const ofScenario = runs.filter(({ scenario }) => scenario === name);
  const ratios = (value: (measurement: Measurement) => number): Summary | undefined => {
    const rounds = ofScenario.flatMap((counted) => {
      const uncounted = ofScenario.find(
        ({ target, round }) => target === 'uncounted' && round === counted.round,
      );
      if (counted.target !== 'sealgate' || uncounted === undefined) return [];
      return [value(counted.measurement) / value(uncounted.measurement)];
    });
    return rounds.length === 0 ? undefined : summaryOf(rounds);
  };
  const answers = ratios(({ perSecond }) => perSecond);
  const processor = ratios(({ cpuMicrosPerUnit = Number.NaN }) => cpuMicrosPerUnit);
  return `Counting money leaves ${cell(answers, 2)} × the answers, and takes ${cell(processor, 2)} × the processor time.`;
}

function memoryTable(report: Report): string {
  const largest = (target: TargetName, scenario: Scenario): string => {
    const column = { value: ({ rssMegabytes }: Measurement) => rssMegabytes };
    return print(summarize(report, scenario, target, column)?.max, 0);
  };
  const rows = present(report)
    .filter((target) => target !== 'direct' && target !== 'uncounted')
    .map((target) =>
      [target as string, print(report.idleRssMegabytes[target], 0)].concat(
        SCENARIOS.map((scenario) => largest(target, scenario)),
      ),
    );
  const titles = SCENARIOS.map(({ name }) => `after ${name}`);
  return `${table(['RSS, MB', 'idle', ...titles], rows)}\n\nThe most of all rounds. Sealgate's PostgreSQL is not in it.`;
}

function sealedLine({ sealed }: Report): string {
  const perSecond = summaryOf(sealed.map(({ measurement }) => measurement.perSecond));
  const share = summaryOf(
    sealed.map(({ measurement, rsaPerSecond }) => (100 * measurement.perSecond) / rsaPerSecond),
  );
  const errors = sealed.reduce((sum, { measurement }) => sum + measurement.errors, 0);
  return `${cell(perSecond, 0)} requests/s with RSA-4096, which is ${cell(share, 0)} % of all the RSA decryptions that the machine can do. ${errors} errors.`;
}

const present = ({ runs }: Report): readonly TargetName[] =>
  TARGETS.filter((name) => runs.some(({ target }) => target === name));

function summarize(
  { runs }: Report,
  { name }: Scenario,
  target: TargetName,
  { value }: Pick<Column, 'value'>,
): Summary | undefined {
  const values = runs
    .filter((run) => run.scenario === name && run.target === target)
    .map(({ measurement }) => value(measurement))
    .filter((number) => number !== undefined);
  return values.length === 0 ? undefined : summaryOf(values);
}

function cell(summary: Summary | undefined, digits: number): string {
  if (!summary) return '–';
  const { median, min, max } = summary;
  const spread = min === max ? '' : ` (${print(min, digits)}–${print(max, digits)})`;
  return print(median, digits) + spread;
}

const print = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value)
    ? '–'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
