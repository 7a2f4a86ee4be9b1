// The law of floors and doors (ARCHITECTURE.md): `npm run rooms`.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A floor may import itself and the floors after it. What lies outside of them is the roof: it may import every door. */
const FLOORS = ['http', 'inference', 'customers', 'platform'];

/** Every room has one door, its `index.ts`. HTTP is one room; the floors below have one per folder. */
const FLOORS_WITH_ROOMS = new Set(FLOORS.slice(1));

/** Whose doors a room may use on its own floor. */
const NEIGHBOURS = {
  // The vectors of semantic caches may come from a model of the catalogue.
  'inference/cache': ['upstreams'],
  'inference/chat': ['cache', 'routing', 'sealed', 'tokens', 'upstreams'],
  'inference/experience': ['routing'],
  'inference/insight': ['routing'],
  'inference/routing': ['upstreams'],
  'customers/billing': ['decisions'],
  'customers/feedback': ['decisions', 'generations'],
  // An API key's verdict brings its organization's provider keys along.
  'customers/keys': ['billing', 'organizations', 'provider-keys'],
  'customers/organizations': ['accounts', 'billing'],
  // A limited API key may not change what requests are paid with.
  'customers/provider-keys': ['billing'],
  'platform/jobs': ['db'],
  'platform/mail': ['db', 'jobs'],
  // Whoever changes the master key seals anew what lies in the tables.
  'platform/master-key': ['db'],
  'platform/webhooks': ['net'],
};

const RELATIVE_IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;
const TEST = /\.test\.ts$/;
const TEST_TOOL = /(?:^|\/)testing(?:-[a-z-]+)?\.ts$/;

/** Every import below `root` that breaks the law, as a sentence. */
export function findFaults(root) {
  return readdirSync(root, { recursive: true })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith('.ts'))
    .flatMap((file) =>
      importsOf(root, file).flatMap((target) => {
        const fault = findFault(file, target);
        return fault === undefined ? [] : [`${file} must not import ${target}: ${fault}`];
      }),
    );
}

function importsOf(root, file) {
  const source = readFileSync(join(root, file), 'utf8');
  return [...source.matchAll(RELATIVE_IMPORT)].map(([, target]) =>
    posix.join(posix.dirname(file), target),
  );
}

function findFault(file, target) {
  const isTest = TEST.test(file) || TEST_TOOL.test(file);
  if (target.startsWith('../')) return isTest ? undefined : 'it lies outside of the gateway';
  if (!isTest && TEST_TOOL.test(target)) return 'it is for tests';
  return findUpwardFault(file, target) ?? (isTest ? undefined : findSidewaysFault(file, target));
}

function findUpwardFault(file, target) {
  const from = floorOf(file);
  if (from === -1) return undefined;
  const to = floorOf(target);
  if (to === -1) return 'the roof is above all floors';
  return to < from ? `${FLOORS[from]} lies below ${FLOORS[to]}` : undefined;
}

function findSidewaysFault(file, target) {
  const from = roomOf(file);
  const to = roomOf(target);
  if (to === undefined || from === to) return undefined;
  if (target !== `${to}/index.ts`) return `the door of ${to} is its index.ts`;
  if (from === undefined || floorOf(from) !== floorOf(to)) return undefined;
  return NEIGHBOURS[from]?.includes(posix.basename(to))
    ? undefined
    : `${from} may not know its neighbour`;
}

/** -1: the roof. */
function floorOf(path) {
  return FLOORS.indexOf(path.split('/')[0]);
}

/** `undefined`: a file that stands in no room, such as `main.ts` or `platform/clock.ts`. */
function roomOf(path) {
  const [floor, room, ...rest] = path.split('/');
  if (floor === 'http') return floor;
  return FLOORS_WITH_ROOMS.has(floor) && rest.length > 0 ? `${floor}/${room}` : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checkout = dirname(import.meta.dirname);
  const root = resolve(checkout, 'apps/gateway/src');
  const faults = findFaults(root);
  for (const fault of faults) console.error(`${relative(checkout, root)}/${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
