import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingRuntime } from '../../testing/recording-runtime.ts';
import { json, startScriptedServer, type ScriptedServer } from '../../testing/scripted-server.ts';
import { NotFoundError, Sealgate } from '../index.ts';

let server: ScriptedServer;
let client: Sealgate;
beforeEach(async () => {
  server = await startScriptedServer();
  client = new Sealgate({ baseURL: `${server.url}/v1` }, recordingRuntime());
});
afterEach(() => server.close());

const page = (names: readonly string[], nextCursor: string | null = null) =>
  json(200, {
    object: 'list',
    data: names.map((name) => ({ name })),
    has_more: nextCursor !== null,
    next_cursor: nextCursor,
  });
const paths = (): string[] => server.requests.map(({ path }) => path);

test('a list that is awaited is its first page', async () => {
  server.script.push(page(['a', 'b'], 'c/1'));
  const first = await client.organizations.list({ limit: 2 });
  expect(first).toMatchObject({ data: [{ name: 'a' }, { name: 'b' }], next_cursor: 'c/1' });
  expect(paths()).toEqual(['/v1/organizations?limit=2']);
});

test('a list that is read with `for await` is every item of every page, also of empty ones', async () => {
  server.script.push(page(['a', 'b'], 'c/1'), page([], 'c 2'), page(['c']));
  const names: string[] = [];
  for await (const { name } of client.organizations.list({ limit: 2 })) names.push(name);
  expect(names).toEqual(['a', 'b', 'c']);
  expect(paths()).toEqual([
    '/v1/organizations?limit=2',
    '/v1/organizations?limit=2&after=c%2F1',
    '/v1/organizations?limit=2&after=c+2',
  ]);
});

test('pages that the reader does not reach are not asked for', async () => {
  server.script.push(page(['a', 'b'], 'c'));
  for await (const { name } of client.organizations.list()) if (name === 'b') break;
  expect(server.requests).toHaveLength(1);
});

test('each page is retried like any call, and a refusal reaches the reader', async () => {
  server.script.push(page(['a'], 'c'), json(503, {}), json(404, {}));
  const names: string[] = [];
  const reading = (async () => {
    for await (const { name } of client.organizations.list()) names.push(name);
  })();
  await expect(reading).rejects.toThrow(NotFoundError);
  expect([names, server.requests.length]).toEqual([['a'], 3]);
});

test('the options of the call hold for every page', async () => {
  server.script.push(page(['a'], 'c'), page(['b']));
  const headers = { 'x-team': 'red' };
  for await (const { name } of client.organizations.list({}, { headers }))
    expect(name).toBeTruthy();
  expect(server.requests.map((request) => request.headers['x-team'])).toEqual(['red', 'red']);
});
