import { AlertEvent, ENDPOINTS, REFUSALS, SCHEMAS, type Endpoint } from '@sealgate/contract';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { createApp, type AppServices } from './app.ts';
import { openApiDocument } from './openapi.ts';

type Node = { readonly [name: string]: Node };

const text = JSON.stringify(openApiDocument({ version: '1.2.3', serverUrl: 'https://a.example' }));
const document = () => JSON.parse(text) as Node;
const rows: readonly (readonly [string, Endpoint])[] = Object.entries(ENDPOINTS);
const operationOf = (row: Endpoint): Node | undefined =>
  document()['paths']?.[row.path]?.[row.method.toLowerCase()];

const CLOSED = '"additionalProperties":false';

/** Codes that no operation answers, and why. */
const OF_NO_ENDPOINT = {
  headers_too_large: 'such a request is answered before its path is read',
  method_not_allowed: 'answers a method that the table does not have',
  request_timeout: 'a request that never arrived belongs to no operation',
} as const;

describe('the OpenAPI document', () => {
  test('is valid by the meta-schema of OpenAPI 3.1', async () => {
    expect(await new Validator().validate(document())).toEqual({ valid: true });
  });

  test('the check would notice a fault', async () => {
    const broken = { ...document(), paths: { '/x': { get: { responses: { 200: {} } } } } };
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  test('every reference leads somewhere', () => {
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target = '']) => target);
    expect(references.length).toBeGreaterThan(100);
    for (const target of new Set(references)) {
      const [start, ...steps] = target.split('/');
      const found = steps.reduce<Node | undefined>((node, step) => node?.[step], document());
      expect([start, typeof found], target).toEqual(['#', 'object']);
    }
  });

  test('describes every endpoint of the contract under its name', () => {
    for (const [name, row] of rows) {
      expect(operationOf(row)?.['operationId'], name).toBe(name);
    }
  });

  test('describes every event that is sent to webhooks, and how it is signed', () => {
    const webhooks = document()['webhooks'] ?? {};
    expect(Object.keys(webhooks)).toEqual(AlertEvent.options.map(({ shape }) => shape.type.value));
    for (const [type, { post }] of Object.entries(webhooks)) {
      expect(post?.['operationId'], type).toBe(type);
      expect(post?.['parameters'], type).toMatchObject([
        { name: 'webhook-id', in: 'header', required: true },
        { name: 'webhook-timestamp', in: 'header', required: true },
        { name: 'webhook-signature', in: 'header', required: true },
      ]);
      const body = post?.['requestBody']?.['content']?.['application/json']?.['schema'];
      expect(body, type).toEqual({ $ref: expect.stringMatching('^#/components/schemas/') });
    }
  });

  test('says who may call', () => {
    expect(operationOf(ENDPOINTS.createChatCompletion)?.['security']).toEqual([{ apiKey: [] }]);
    expect(operationOf(ENDPOINTS.listSessions)?.['security']).toEqual([
      { session: [] },
      { cookie: [] },
    ]);
    expect(operationOf(ENDPOINTS.readMetrics)?.['security']).toEqual([{ metricsToken: [] }, {}]);
    expect(operationOf(ENDPOINTS.checkHealth)?.['security']).toEqual([]);
  });

  test('names headers and path parameters, and which of them must be there', () => {
    expect(operationOf(ENDPOINTS.createSecureCompletion)?.['parameters']).toMatchObject([
      { name: 'X-Payload-ID', in: 'header', required: true },
      { name: 'X-Public-Key', in: 'header', required: true },
      { name: 'X-Security-Tier', in: 'header', required: false },
    ]);
    expect(operationOf(ENDPOINTS.retrieveModel)?.['parameters']).toMatchObject([
      { name: 'id', in: 'path', required: true },
    ]);
  });

  test('shows each refusal of an endpoint as it is sent', () => {
    const answer = operationOf(ENDPOINTS.createChatCompletion)?.['responses']?.['400'];
    const examples = answer?.['content']?.['application/json']?.['examples'];
    expect(Object.keys(examples ?? {})).toEqual([
      'invalid_request_error',
      'max_price_unsatisfiable',
    ]);
    const { message, type } = REFUSALS.max_price_unsatisfiable;
    expect(document()['components']?.['examples']?.['max_price_unsatisfiable']).toEqual({
      value: {
        error: { message, type, param: null, code: 'max_price_unsatisfiable' },
        detail: message,
      },
    });
  });

  test('only requests of the platform are closed to unknown fields: answers may get more', () => {
    const schemas = Object.entries(document()['components']?.['schemas'] ?? {});
    const closed = schemas.filter(([, schema]) => JSON.stringify(schema).includes(CLOSED));
    const requests = new Set<unknown>(
      rows.flatMap(([, row]) => Object.values(row.request?.body ?? {})),
    );
    expect(closed.length).toBeGreaterThan(0);
    for (const [name] of closed) {
      expect(requests.has(SCHEMAS[name as keyof typeof SCHEMAS]), name).toBe(true);
    }
  });
});

describe('the table of endpoints', () => {
  test('no status is both an answer and a refusal', () => {
    for (const [name, row] of rows) {
      const statuses = new Set<number>(row.refusals.map((code) => REFUSALS[code].status));
      const both = Object.keys(row.answers).filter((status) => statuses.has(Number(status)));
      expect(both, name).toEqual([]);
    }
  });

  test('every refusal belongs to an endpoint, or it is said why not', () => {
    const used = new Set<string>(rows.flatMap(([, row]) => row.refusals));
    const unused = Object.keys(REFUSALS).filter((code) => !used.has(code));
    expect(unused.toSorted()).toEqual(Object.keys(OF_NO_ENDPOINT).toSorted());
  });

  test('bodies of requests and answers have names', () => {
    const named = new Set<unknown>(Object.values(SCHEMAS));
    const unnamed = rows.flatMap(([name, row]) =>
      [row.request?.body ?? {}, ...Object.values(row.answers).map(({ content }) => content)]
        .flatMap((content) => Object.entries(content))
        .filter(([contentType, schema]) => !contentType.startsWith('text/') && !named.has(schema))
        .map(() => name),
    );
    expect(unnamed).toEqual(['readOpenApi']);
  });

  test('has a row for each route, and a route for each row', () => {
    const app = createApp({ platform: {} } as AppServices);
    const routes = app.routes
      .filter(({ method, path }) => method !== 'ALL' && method !== 'OPTIONS' && path !== '/*')
      .map(({ method, path }) => {
        const withEndings = path.replaceAll(/:(\w+)\{\[\^\/\]\+\\(\.\w+)\}/g, '{$1}$2');
        return `${method} ${withEndings.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`;
      });
    const billable = [
      ENDPOINTS.createChatCompletion,
      ENDPOINTS.createEmbeddings,
      ENDPOINTS.createSecureCompletion,
    ];
    const ours = rows.filter(([, row]) => !billable.some(({ path }) => path === row.path));
    expect(routes.toSorted()).toEqual(
      ours.map(([, row]) => `${row.method} ${row.path}`).toSorted(),
    );
  });
});
