import {
  ENDPOINTS,
  ErrorEnvelope,
  IdempotencyHeaders,
  isCreation,
  OrganizationHeaders,
  RateLimitHeaders,
  REFUSALS,
  RetryHeaders,
  TAGS,
  TraceHeaders,
  WebhookHeaders,
  WEBHOOKS,
  type Content,
  type Endpoint,
  type RefusalCode,
} from '@sealgate/contract';
import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { Refusal } from '../platform/refusal.ts';
import { fieldsOf, namedSchemas, reference, schemaOf } from './openapi-schemas.ts';
import { refusalResponse } from './refusal-response.ts';

type Part = Readonly<Record<string, unknown>>;

const rows: readonly (readonly [string, Endpoint])[] = Object.entries(ENDPOINTS);

/** The contract as an OpenAPI 3.1 document. To be built once, at start. */
export function openApiDocument(options: {
  readonly version: string;
  readonly serverUrl?: string;
}): Part {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sealgate',
      version: options.version,
      summary: 'An OpenAI-compatible gateway that clients can talk to end-to-end encrypted.',
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: options.serverUrl ?? '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: paths(),
    webhooks: webhooks(),
    components: {
      schemas: namedSchemas(),
      headers: headers(),
      examples: mapEntries(REFUSALS, exampleOf),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const SECURITY_SCHEMES = {
  apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `sk-xc-…`.' },
  session: {
    type: 'http',
    scheme: 'bearer',
    description: 'The access token of a sign-in.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-sealgate',
    description:
      'For pages of this server: the access token of a sign-in with `session: "cookie"`. All but GET also need the header ' +
      '`X-Sealgate-CSRF: 1`. On a loopback address without https the name is `sealgate`.',
  },
  metricsToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'SEALGATE_METRICS_TOKEN. Without one, only the server’s own machine is answered.',
  },
} as const;

const SECURITY = {
  key: [{ apiKey: [] }],
  session: [{ session: [] }, { cookie: [] }],
  member: [{ apiKey: [] }, { session: [] }, { cookie: [] }],
  operator: [{ metricsToken: [] }, {}],
  anyone: [],
} as const satisfies Record<Endpoint['caller'], readonly object[]>;

function paths(): Part {
  const items: Record<string, Part> = {};
  for (const [name, row] of rows) {
    items[row.path] = { ...items[row.path], [row.method.toLowerCase()]: operation(name, row) };
  }
  return items;
}

function operation(operationId: string, row: Endpoint): Part {
  const { body, params, query, headers } = row.request ?? {};
  return {
    operationId,
    tags: [row.tag],
    summary: row.summary,
    ...(row.description !== undefined && { description: row.description }),
    security: SECURITY[row.caller],
    parameters: [
      ...parameters('path', params),
      ...parameters('query', query),
      ...parameters('header', headers),
      ...parameters('header', picksOrganization(row) ? OrganizationHeaders : undefined),
      ...parameters('header', isCreation(row) ? IdempotencyHeaders : undefined),
    ],
    ...(body && { requestBody: { required: true, content: content(body) } }),
    responses: { ...refusals(row), ...answers(row) },
  };
}

/** What is sent to others. */
const webhooks = (): Part =>
  mapEntries(WEBHOOKS, ({ summary, body }, type) => ({
    post: {
      operationId: type,
      summary,
      description:
        'Signed as Standard Webhooks says. The same event may come more than once, with the same `webhook-id`.',
      parameters: parameters('header', WebhookHeaders),
      requestBody: { required: true, content: content({ 'application/json': body }) },
      responses: {
        '2XX': { description: 'It has arrived.' },
        410: { description: 'No more events are wanted: the webhook is taken away.' },
        default: { description: 'It is sent again, for a day.' },
      },
    },
  }));

const picksOrganization = ({ caller, path }: Endpoint): boolean =>
  (caller === 'session' || caller === 'member') && !path.includes('{organization_id}');

const hasRateLimit = ({ caller }: Endpoint): boolean =>
  caller === 'key' || caller === 'session' || caller === 'member';

const parameters = (place: string, fields: z.ZodObject | undefined): Part[] =>
  fieldsOf(fields).map(({ name, isRequired, description, schema }) => ({
    name,
    in: place,
    required: isRequired,
    description,
    schema,
  }));

const answers = (row: Endpoint): Part =>
  mapEntries(row.answers, (answer) => ({
    description: answer.description,
    headers: headerReferences(
      TraceHeaders,
      hasRateLimit(row) ? RateLimitHeaders : undefined,
      answer.headers,
    ),
    content: content(answer.content),
  }));

function refusals(row: Endpoint): Part {
  const codesByStatus: Record<number, RefusalCode[]> = {};
  for (const code of row.refusals) (codesByStatus[REFUSALS[code].status] ??= []).push(code);
  return mapEntries(codesByStatus, (codes, status) => ({
    description: STATUS_CODES[status],
    headers: headerReferences(TraceHeaders, RetryHeaders),
    content: {
      'application/json': {
        schema: schemaOf(ErrorEnvelope),
        examples: Object.fromEntries(codes.map((code) => [code, reference('examples', code)])),
      },
    },
  }));
}

/** Printed by the one that prints errors, so that the document shows what is sent. */
const exampleOf = (_row: unknown, code: RefusalCode): Part => ({
  value: JSON.parse(refusalResponse(new Refusal(code)).body),
});

const content = (schemas: Content): Part =>
  mapEntries(schemas, (schema, type) => ({
    schema: type === 'text/event-stream' ? eventOf(schemaOf(schema)) : schemaOf(schema),
  }));

/** As OpenAPI 3.2 describes server-sent events: an object for each, whose data is JSON in a text. */
const eventOf = (contentSchema: Part): Part => ({
  type: 'object',
  required: ['data'],
  properties: {
    data: {
      anyOf: [
        { type: 'string', contentMediaType: 'application/json', contentSchema },
        { const: '[DONE]', description: 'The end.' },
      ],
    },
  },
});

function headers(): Part {
  const own = rows.flatMap(([, row]) => Object.values(row.answers).map((answer) => answer.headers));
  const fields = [TraceHeaders, RateLimitHeaders, RetryHeaders, ...own].flatMap(fieldsOf);
  return Object.fromEntries(
    fields.map(({ name, description, schema }) => [name, { description, schema }]),
  );
}

const headerReferences = (...groups: readonly (z.ZodObject | undefined)[]): Part =>
  Object.fromEntries(
    groups.flatMap(fieldsOf).map(({ name }) => [name, reference('headers', name)]),
  );

function mapEntries<Key extends string | number, Value>(
  entries: Readonly<Record<Key, Value>>,
  map: (value: Value, key: Key) => Part,
): Part {
  return Object.fromEntries(
    Object.entries<Value>(entries).map(([key, value]) => [key, map(value, key as Key)]),
  );
}
