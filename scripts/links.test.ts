import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const CHECKOUT = dirname(import.meta.dirname);
const FENCED = /^(```|~~~)[^]*?^\1/gm;
const CODE = /`[^`\n]*`/g;
const LINK = /\]\(([^()\s]+)\)/g;
const HEADING = /^#{1,6} +(.+)$/gm;
const OUTSIDE = /^[a-z]+:/;

const FOLDERS = ['apps', 'bench', 'docs', 'e2e', 'examples', 'packages'];
/** What was installed or built. */
const FOREIGN = new Set(['node_modules', 'dist']);

const pages = [...pagesIn('', false), ...FOLDERS.flatMap((folder) => pagesIn(folder, true))];

function pagesIn(folder: string, isDeep: boolean): readonly string[] {
  return readdirSync(join(CHECKOUT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return isDeep && !FOREIGN.has(entry.name) ? pagesIn(path, true) : [];
    return path.endsWith('.md') ? [path] : [];
  });
}

const proseOf = (path: string): string =>
  readFileSync(join(CHECKOUT, path), 'utf8').replaceAll(FENCED, '');

/** As GitHub names the headings of a page. */
function anchorsIn(prose: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose.matchAll(HEADING)) {
    const name = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = name;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${name}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Every link of a page that leads nowhere. */
function deadLinksOf(page: string): readonly string[] {
  const prose = proseOf(page).replaceAll(CODE, '');
  return [...prose.matchAll(LINK)].flatMap(([, link = '']) =>
    OUTSIDE.test(link) || leadsSomewhere(page, link) ? [] : [link],
  );
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(CHECKOUT, target))) return false;
  return anchor === undefined || anchorsIn(proseOf(target)).has(anchor);
}

describe('every link within the repository leads somewhere', () => {
  test.each(pages)('%s', (page) => {
    expect(deadLinksOf(page)).toEqual([]);
  });
});

test('what leads nowhere is found', () => {
  const links = [
    'docs/operations.md#money',
    'docs/operations.md#nothing',
    'docs/nothing.md',
    '#map',
  ];
  expect(links.filter((link) => !leadsSomewhere('README.md', link))).toEqual(links.slice(1, 3));
});

test('headings have the anchors that GitHub gives them', () => {
  const page = '# The `npm test` — all\n\n## What is stored, and where\n\n### Twice\n\n### Twice\n';
  expect([...anchorsIn(page)]).toEqual([
    'the-npm-test--all',
    'what-is-stored-and-where',
    'twice',
    'twice-1',
  ]);
});
