// `npm run bench:caps`: the public race against spend caps. See README.md beside this file.
import { parseArgs } from 'node:util';
import { nanoUsd, printUsd } from '../../packages/contract/src/usd.ts';
import { faultsOf, race, REQUEST_NANO, type Course, type Result } from './race.ts';
import { openSetting } from './setting.ts';

const { values: options } = parseArgs({
  options: {
    gateways: { type: 'string', default: '3' },
    clients: { type: 'string', default: '64' },
    requests: { type: 'string', default: '6000' },
    seed: { type: 'string', default: '1' },
  },
});
const number = (text: string): number => Number.parseInt(text, 10);
const seed = number(options.seed);

type Terms = Omit<Course, 'gateways' | 'database' | 'env' | 'random' | 'name'>;

const EQUAL: Terms = {
  model: 'exact',
  clients: 500,
  requests: 500,
  worth: [123],
  streams: 0,
  leaving: 0,
  kills: false,
};
const STORM: Terms = {
  model: 'moody',
  clients: number(options.clients),
  requests: number(options.requests),
  worth: [400, 250, 90, 35],
  streams: 0.5,
  leaving: 0.4,
  kills: true,
};

const results = [
  ...(await run(1, [['500 equal requests, cap worth 123', EQUAL]])),
  ...(await run(number(options.gateways), [
    ['500 equal requests, cap worth 123', EQUAL],
    ['equal streams that clients leave', { ...EQUAL, requests: 2_000, streams: 1, leaving: 0.6 }],
    ['four caps, moody models, leaving clients, kill -9', STORM],
  ])),
];
print(results);
const faults = results.flatMap(faultsOf);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

async function run(
  gatewayCount: number,
  courses: readonly (readonly [string, Terms])[],
): Promise<readonly Result[]> {
  const setting = await openSetting(gatewayCount, seed);
  const finished: Result[] = [];
  try {
    for (const [name, terms] of courses) {
      const title = `${gatewayCount} gateway${gatewayCount === 1 ? '' : 's'}: ${name}`;
      console.log(`${title} …`);
      finished.push(await race({ ...setting, ...terms, name: title }));
    }
  } finally {
    await setting.stop();
  }
  return finished;
}

function print(all: readonly Result[]): void {
  const usd = (nano: bigint): string => printUsd(nanoUsd(nano));
  for (const result of all) {
    const unused = Number((result.unusedNano * 100n) / REQUEST_NANO) / 100;
    const lines: readonly (readonly [string, string])[] = [
      [
        'requests',
        `${result.answered} answered, ${result.refused} refused, ${result.left} left by their clients, ${result.failed} failed`,
      ],
      [
        'failures',
        Array.from(result.reasons, ([reason, count]) => `${count} × ${reason}`).join(', ') ||
          'none',
      ],
      ['kills', String(result.kills)],
      ['spent', `${usd(result.spentNano)} of ${usd(result.capNano)} USD`],
      [
        'overspend',
        `${usd(result.overspendNano)} USD; limits seen exceeded meanwhile: ${result.violations}`,
      ],
      ['under-use', `${usd(result.unusedNano)} USD, worth ${unused} of the dearest requests`],
      [
        'leaked holds',
        `${usd(result.leakedNano)} USD; all free after ${result.releaseSeconds.toFixed(1)} s`,
      ],
      [
        'records',
        `${result.missingRecords} missing, ${result.wrongCharges} wrongly charged, ${usd(result.writtenOffNano)} USD written off`,
      ],
    ];
    console.log(`\n${result.name}`);
    for (const [what, value] of lines) console.log(`  ${what.padEnd(13)} ${value}`);
  }
}
