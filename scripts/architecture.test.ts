import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { expect, test } from 'vitest';

const CHECKOUT = dirname(import.meta.dirname);
const page = readFileSync(join(CHECKOUT, 'ARCHITECTURE.md'), 'utf8');

const listed = (folder: string): readonly string[] =>
  readdirSync(join(CHECKOUT, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
    `${folder}/${path}`.split(sep).join('/'),
  );
const gateway = listed('apps/gateway/src');
const sources = [...gateway, ...listed('packages/contract/src'), ...listed('docs')];

test('ARCHITECTURE.md has a line for every room', () => {
  const rooms = gateway.flatMap(
    (path) => /\/((?:inference|customers|platform)\/[^/.]+)$/.exec(path)?.[1] ?? [],
  );
  expect(rooms.length).toBeGreaterThan(20);
  expect(rooms.filter((room) => !page.includes(`| \`${room}\``))).toEqual([]);
});

test('ARCHITECTURE.md names no path that is not there', () => {
  const named = [...page.matchAll(/`([\w-]+(?:\/[\w-]+)*\.ts)`|`([\w-]+(?:\/[\w-]+)+)`/g)];
  const paths = named.map(([, file, folder]) => file ?? folder ?? '');
  expect(paths.length).toBeGreaterThan(50);
  // Of files the page says as much of the path as tells them apart; the contract's is its package's name.
  const isThere = (path: string): boolean =>
    sources.some((source) => `/${source}`.endsWith(`/${path.replace(/^contract\//, '')}`));
  expect(paths.filter((path) => !isThere(path))).toEqual([]);
});
