import { ENDPOINTS, SDK_CALLS, type Endpoint } from '@sealgate/contract';
import { describe, expect, test } from 'vitest';
import { Sealgate } from './index.ts';

const rows: readonly (readonly [string, Endpoint])[] = Object.entries(ENDPOINTS);
const BODY = { name: 'a/b' };
const QUERY = { limit: 7 };

/** What the client sends when `SDK_CALLS` is followed to the letter. */
async function sentBy(call: string, row: Endpoint): Promise<unknown> {
  const requests: Request[] = [];
  const client = new Sealgate({
    baseURL: 'http://gateway/v1',
    fetch: (url, init) => {
      requests.push(new Request(url, init));
      const isEmpty = row.answers[204] !== undefined;
      return Promise.resolve(isEmpty ? new Response(null, { status: 204 }) : Response.json({}));
    },
  });
  const [, name = '', list = ''] = /^([\w.]+)\((.*)\)$/.exec(call) ?? [];
  const values: Record<string, unknown> = { body: BODY, query: QUERY };
  const steps = name.split('.');
  const method = steps.pop() ?? '';
  const resource = steps.reduce<unknown>((node, step) => Reflect.get(Object(node), step), client);
  const given = list.split(', ').filter(Boolean);
  await Reflect.get(Object(resource), method).apply(
    resource,
    given.map((argument) => values[argument] ?? `<${argument}>`),
  );
  const [request] = requests;
  if (request === undefined) throw new Error('nothing was sent');
  const { pathname, search } = new URL(request.url);
  const text = await request.text();
  return {
    operation: `${request.method} ${decodeURIComponent(pathname)}`,
    query: search,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

describe('the SDK', () => {
  test.each(rows.flatMap(([name, row]) => (SDK_CALLS[name] ? [[SDK_CALLS[name], row]] : [])))(
    '%s sends what the contract says',
    async (call, row) => {
      if (typeof call !== 'string' || typeof row !== 'object') throw new TypeError('no row');
      expect(await sentBy(call, row)).toEqual({
        operation: `${row.method} ${row.path.replaceAll(/\{(\w+)\}/g, '<$1>')}`,
        query: row.request?.query === undefined ? '' : '?limit=7',
        body: row.request?.body === undefined ? undefined : BODY,
      });
    },
  );

  test('can call every endpoint for users; sealed chat has an entry of its own', () => {
    const OTHERS = new Set(['sealed', 'service']);
    const expected = rows
      .filter(([, { path, tag }]) => path.startsWith('/v1/') && !OTHERS.has(tag))
      .map(([name]) => name);
    expect(Object.keys(SDK_CALLS).toSorted()).toEqual(expected.toSorted());
  });
});
