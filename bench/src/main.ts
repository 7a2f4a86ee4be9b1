// `npm run bench [-- --quick] [-- --rounds 2]`: see README.md for what is measured and how.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf, startChild } from './child.ts';
import { measure, measureRsaBound } from './measure.ts';
import { startPeer } from './peer.ts';
import { printReport, type Report, type Run, type SealedRun } from './report.ts';
import { type Durations, loadOf, SCENARIOS } from './scenarios.ts';
import { sealedLoadOf } from './sealed-load.ts';
import { startSealgate, uncounted } from './sealgate.ts';
import type { Target } from './target.ts';

const FULL: Durations = { rounds: 5, warmupMs: 1500, measureMs: 5000 };
const QUICK: Durations = { rounds: 2, warmupMs: 750, measureMs: 1500 };
const RESULTS = new URL('../results/', import.meta.url);
const README = new URL('../README.md', import.meta.url);
const RESULTS_SECTION = /(<!-- results -->\n)[^]*(\n<!-- \/results -->)/;

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' } },
});
const chosen = options.quick ? QUICK : FULL;
const durations: Durations = { ...chosen, rounds: Number(options.rounds ?? chosen.rounds) };

async function startTargets(upstreamPort: number): Promise<Target[]> {
  const headers = { authorization: 'Bearer bench' };
  const direct: Target = {
    name: 'direct',
    port: upstreamPort,
    model: 'bench',
    headers,
    usage: () => undefined,
    stop: async () => {},
  };
  const peer = await startPeer(upstreamPort);
  if (!peer) console.log('Portkey cannot be installed here; measuring without it.');
  const sealgate = await startSealgate(upstreamPort);
  return [direct, sealgate, uncounted(sealgate), ...(peer ? [peer] : [])];
}

/** Every scenario for every target, round by round, each round beginning with another target. */
async function runRounds(targets: readonly Target[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (let round = 0; round < durations.rounds; round += 1) {
    for (const scenario of SCENARIOS) {
      for (let turn = 0; turn < targets.length; turn += 1) {
        const target = targets[(turn + round) % targets.length];
        if (!target) continue;
        const measurement = await measure(target, loadOf(scenario, target, durations));
        runs.push({ scenario: scenario.name, target: target.name, round, measurement });
        tell(`${round + 1}/${durations.rounds} ${scenario.name} ${target.name}`, measurement);
      }
    }
  }
  return runs;
}

async function runSealed(target: Target): Promise<SealedRun[]> {
  const runs: SealedRun[] = [];
  const load = await sealedLoadOf(target, durations);
  for (let round = 0; round < durations.rounds; round += 1) {
    const rsaPerSecond = await measureRsaBound(durations.measureMs);
    const measurement = await measure(target, load);
    runs.push({ round, measurement, rsaPerSecond });
    tell(`${round + 1}/${durations.rounds} sealed v1 (RSA bound ${rsaPerSecond | 0})`, measurement);
  }
  return runs;
}

function tell(what: string, { perSecond, latencyMs, errors }: Run['measurement']): void {
  const speed = `${perSecond.toFixed(0)}/s, p50 ${latencyMs.p50.toFixed(2)} ms`;
  console.log(`${what}: ${speed}${errors > 0 ? `, ${errors} errors` : ''}`);
}

async function run(): Promise<Report> {
  const upstream = startChild('mock-upstream');
  const { port } = (await messageOf(upstream, 10_000)) as { port: number };
  const targets = await startTargets(port);
  try {
    const idleRssMegabytes = Object.fromEntries(
      targets.map((target) => [target.name, target.usage()?.rssMegabytes]),
    );
    const runs = await runRounds(targets);
    const sealgate = targets.find(({ name }) => name === 'sealgate');
    const sealed = sealgate ? await runSealed(sealgate) : [];
    const { rounds } = durations;
    const date = new Date().toISOString().slice(0, 10);
    return { date, machine: machine(), rounds, idleRssMegabytes, runs, sealed };
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
    upstream.disconnect();
  }
}

function machine(): Report['machine'] {
  const processors = cpus();
  return {
    processors: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    system: `${type()} ${release()}`,
    node: `Node ${process.version}`,
  };
}

function keep(report: Report, text: string): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${report.date}.json`, RESULTS), `${JSON.stringify(report, null, 1)}\n`);
  const readme = readFileSync(README, 'utf8');
  const section = (_: string, begin: string, end: string): string => `${begin}\n${text}\n${end}`;
  writeFileSync(README, readme.replace(RESULTS_SECTION, section));
  execFileSync('npx', ['oxfmt', fileURLToPath(README), fileURLToPath(RESULTS)]);
}

const report = await run();
const text = printReport(report);
console.log(`\n${text}`);
if (!options.quick) keep(report, text);
