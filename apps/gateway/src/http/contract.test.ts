import { Secret } from '../platform/secret.ts';
import {
  ENDPOINTS,
  ErrorEnvelope,
  picoUsdPerToken,
  REFUSALS,
  type Endpoint,
  type RefusalCode,
} from '@sealgate/contract';
import { describe, expect, test } from 'vitest';
import { testInvoices, testPayments, testPlans } from '../customers/billing/testing.ts';
import { NO_PROVIDERS } from '../customers/provider-keys/testing.ts';
import type { Model } from '../inference/upstreams/index.ts';
import { createRateLimiter } from '../platform/limits/index.ts';
import { Refusal } from '../platform/refusal.ts';
import { createWebhookSender } from '../platform/webhooks/index.ts';
import { completePrice } from '../customers/billing/index.ts';
import { testKey } from '../customers/keys/testing.ts';
import { EMPTY_CATALOGUE, modelOf } from '../inference/upstreams/testing.ts';
import { createApp, type AppServices } from './app.ts';
import { createCors } from './cors.ts';
import { openApiDocument } from './openapi.ts';
import { refusalResponse } from './refusal-response.ts';

const model: Model = {
  ...modelOf({ id: 'house', trust: 'private' }),
  id: 'house/model-a',
  upstreamModel: 'model-a',
  price: completePrice({
    input: picoUsdPerToken(150_000n),
    cachedInput: picoUsdPerToken(75_000n),
    output: picoUsdPerToken(600_000n),
  }),
  contextLength: 8_192,
  capabilities: new Set(['chat', 'tools']),
};
const unpriced: Model = { ...model, id: 'house/model-b', price: undefined };

const clock = () => 1_800_000_000_000;
const limiter = () => createRateLimiter({ clock, windowMs: 60_000 });

const key = testKey();

function appWith(changes: Partial<AppServices> = {}) {
  const verify = () => ({ kind: 'valid', key }) as const;
  const keys = { verifyCached: verify, verify: async () => verify(), close: async () => {} };
  return createApp({
    platform: {} as AppServices['platform'],
    flushUsage: async () => {},
    gate: { keys, requests: limiter(), failures: limiter() },
    webhooks: createWebhookSender(),
    payments: testPayments(),
    invoices: testInvoices(),
    mostCache: 'semantic',
    plans: testPlans(),
    providerDirectory: NO_PROVIDERS,
    catalogue: () => ({
      ...EMPTY_CATALOGUE,
      models: new Map([model, unpriced].map((each) => [each.id, each])),
      pools: { fast: [model], balanced: [], auto: [model, unpriced] },
    }),
    healthOf: ({ id }) => (id === unpriced.id ? 'unavailable' : 'healthy'),
    callerAddress: () => '127.0.0.1',
    cors: createCors([]),
    now: clock,
    onRequestEnd: () => {},
    sealedPublicKey: async () => '-----BEGIN PUBLIC KEY-----\n',
    readiness: async () => ({ database: true }),
    metricsText: async () => 'up 1\n',
    metricsToken: undefined,
    openApi: openApiDocument({ version: '1.2.3' }),
    version: '1.2.3',
    ...changes,
  });
}

const bindings = { incoming: { socket: { remoteAddress: '127.0.0.1' } } };
const get = (path: string, changes?: Partial<AppServices>) =>
  appWith(changes).request(path, { headers: { authorization: 'Bearer sk-xc-1' } }, bindings);

async function expectKept(row: Endpoint, answer: Response): Promise<void> {
  const promised = row.answers[answer.status];
  const contentType = answer.headers.get('content-type')?.replace(/; *charset=utf-8$/i, '') ?? '';
  const schema = promised?.content[contentType];
  expect(schema, `${row.path} ${answer.status} ${contentType}`).toBeDefined();
  const body: unknown = contentType.startsWith('text/') ? await answer.text() : await answer.json();
  expect(schema?.parse(body)).toEqual(body);
}

/** Members' routes print through their row: they cannot answer otherwise. */
const reading: readonly (readonly [string, Endpoint])[] = Object.entries<Endpoint>(
  ENDPOINTS,
).filter(([, row]) => row.method === 'GET' && row.caller !== 'member' && row.caller !== 'session');

describe('the contract', () => {
  test.each(reading)('%s answers as it says, no field more or less', async (_name, row) => {
    await expectKept(row, await get(row.path.replace('{id}', model.id)));
  });

  test('holds for a tier and for a model without a price', async () => {
    await expectKept(ENDPOINTS.retrieveModel, await get('/v1/models/nexevo/fast'));
    await expectKept(ENDPOINTS.retrieveModel, await get('/v1/models/house%2Fmodel-b'));
  });

  test('the health of a model is that of the model that was asked for', async () => {
    const healthOf = async (path: string): Promise<unknown> =>
      ((await (await get(path)).json()) as { nexevo: { health?: string } }).nexevo.health;
    expect(await healthOf('/v1/models/house/model-a')).toBe('healthy');
    expect(await healthOf('/v1/models/house/model-b')).toBe('unavailable');
    const list: unknown = await (await get('/v1/models')).json();
    expect(list).toMatchObject({
      data: expect.arrayContaining([
        expect.objectContaining({
          id: 'house/model-a',
          nexevo: expect.objectContaining({ health: 'healthy' }),
        }),
        expect.objectContaining({
          id: 'house/model-b',
          nexevo: expect.objectContaining({ health: 'unavailable' }),
        }),
      ]),
    });
  });

  test('a key that is bound to regions is shown only what it may reach', async () => {
    const verify = () => ({ kind: 'valid', key: testKey({ geoPolicy: 'cn-only' }) }) as const;
    const keys = { verifyCached: verify, verify: async () => verify(), close: async () => {} };
    const gate = { keys, requests: limiter(), failures: limiter() };
    expect(await (await get('/v1/models', { gate })).json()).toMatchObject({ data: [] });
    expect((await get('/v1/models/house%2Fmodel-a', { gate })).status).toBe(404);
  });

  test('holds for a server that is not ready', async () => {
    const answer = await get('/readyz', { readiness: async () => ({ database: false }) });
    expect(answer.status).toBe(503);
    await expectKept(ENDPOINTS.checkReadiness, answer);
  });

  test.each<[RefusalCode, Endpoint, string, Partial<AppServices>]>([
    ['model_not_found', ENDPOINTS.retrieveModel, '/v1/models/no', {}],
    ['not_found', ENDPOINTS.readPublicKey, '/pki/public_key', { sealedPublicKey: undefined }],
    ['permission_denied', ENDPOINTS.readMetrics, '/metrics', { callerAddress: () => '8.8.8.8' }],
    [
      'invalid_api_key',
      ENDPOINTS.readMetrics,
      '/metrics',
      { metricsToken: new Secret('the-token-of-the-operator') },
    ],
  ])('lists the refusal %s where it is given', async (code, row, path, changes) => {
    const answer = await get(path, changes);
    const { error } = ErrorEnvelope.parse(await answer.json());
    expect([answer.status, error.code]).toEqual([REFUSALS[code].status, code]);
    expect(row.refusals).toContain(code);
  });

  test('every refusal is printed in the shape of the envelope', () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      const details = { param: 'model', facts: { limit_source: 'key', limit: 60 } };
      const printed: unknown = JSON.parse(refusalResponse(new Refusal(code, details)).body);
      expect(ErrorEnvelope.parse(printed)).toEqual(printed);
    }
  });
});
