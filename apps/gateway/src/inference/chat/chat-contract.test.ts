import {
  ChatRequest,
  EmbeddingsRequest,
  GenerationFacts,
  JudgedChatRequest,
  JudgedEmbeddingsRequest,
  nanoUsd,
} from '@sealgate/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Generation } from '../../customers/billing/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Intent } from '../routing/index.ts';
import { testRouter } from '../routing/testing.ts';
import type { Model } from '../upstreams/index.ts';
import { catalogueOf, modelOf } from '../upstreams/testing.ts';
import type { Candidate } from './admit.ts';
import { readChatRequest } from './chat-request.ts';
import { readEmbeddingsRequest } from './embeddings-request.ts';
import { routingRequestOf } from './routing-request.ts';
import { factsOf } from './settle.ts';

/** Values on both sides of every rule. */
const odd = fc.oneof(
  fc.constantFrom<unknown[]>(null, true, 0, 1, -1, 1.5, 2 ** 53, 1e-7, 0.1 + 0.2, 1e13),
  fc.constantFrom(
    '',
    'a',
    '0.5',
    '-1',
    '1e3',
    '0.1234567',
    'deny',
    'x'.repeat(200),
    'x'.repeat(201),
  ),
  fc.constantFrom<unknown[]>(
    [],
    {},
    [''],
    ['a'],
    [1],
    [null],
    Array(8).fill('a'),
    Array(9).fill('a'),
  ),
  fc.jsonValue({ maxDepth: 1 }),
);
const mostly = (valid: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 24, arbitrary: valid }, { weight: 1, arbitrary: odd });
const object = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  mostly(fc.record(fields, { requiredKeys: [] }));
const price = mostly(fc.constantFrom<unknown[]>(null, 0, 1, 0.5, '12.50', '0.000001'));
const names = mostly(fc.array(fc.string(), { maxLength: 2 }));
const tokenCount = mostly(fc.integer({ min: 1 }));
const message = mostly(
  fc.record(
    { role: mostly(fc.constant('user')), content: mostly(fc.string()) },
    { requiredKeys: ['role'] },
  ),
);

const cache = mostly(fc.constantFrom('off', 'on', 'exact', 'refresh', null));

const chatBody = fc.record(
  {
    model: mostly(fc.constantFrom('nexevo/auto', 'local/math:cheap')),
    models: mostly(fc.array(mostly(fc.constant('a')), { maxLength: 9 })),
    messages: mostly(fc.array(message, { minLength: 1, maxLength: 3 })),
    stream: mostly(fc.boolean()),
    stream_options: object({ include_usage: odd }),
    max_tokens: tokenCount,
    max_completion_tokens: tokenCount,
    n: tokenCount,
    max_price: object({ prompt: price, completion: price, total: price }),
    provider: object({
      data_collection: mostly(fc.constantFrom('allow', 'deny', null)),
      only: names,
      ignore: names,
    }),
    temperature: mostly(fc.double({ noNaN: true, noDefaultInfinity: true })),
    cache,
    explore: mostly(fc.boolean()),
    learn: mostly(fc.boolean()),
    metadata: object({ conversation_id: odd, other: fc.string() }),
  },
  { requiredKeys: ['model', 'messages'] },
);

const embeddingsBody = fc.record(
  {
    model: mostly(fc.constant('local/small')),
    input: mostly(fc.oneof(fc.string(), fc.array(fc.string()), fc.array(fc.nat()))),
    dimensions: mostly(fc.integer({ min: 1 })),
    cache,
  },
  { requiredKeys: ['model', 'input'] },
);

function accepts(read: (text: string) => unknown, text: string): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

interface Schema {
  safeParse(value: unknown): { readonly success: boolean };
}

/** The reader accepts what `judged` accepts, and `described` asks for nothing less. */
function expectAgreement(
  bodies: fc.Arbitrary<unknown>,
  read: (text: string) => unknown,
  schemas: { readonly judged: Schema; readonly described: Schema },
): void {
  const seen = { refused: 0, accepted: 0, described: 0 };
  fc.assert(
    fc.property(bodies, (body) => {
      const text = JSON.stringify(body);
      const value: unknown = JSON.parse(text);
      const isAccepted = accepts(read, text);
      const isDescribed = schemas.described.safeParse(value).success;
      expect(schemas.judged.safeParse(value).success).toBe(isAccepted);
      if (isDescribed) expect(isAccepted).toBe(true);
      seen[isAccepted ? 'accepted' : 'refused'] += 1;
      if (isDescribed) seen.described += 1;
    }),
    { numRuns: 2_000 },
  );
  // Each kind must have been seen often, or the property says nothing.
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(50);
}

describe('a chat body', () => {
  test('is accepted by the hand-written reader exactly when the contract accepts it', () => {
    expectAgreement(chatBody, readChatRequest, {
      judged: JudgedChatRequest,
      described: ChatRequest,
    });
  });

  test.each<[string, object]>([
    ['tools', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }],
    ['a forced tool', { tool_choice: { type: 'function', function: { name: 'f' } } }],
    ['structured output', { response_format: { type: 'json_schema', json_schema: { name: 'x' } } }],
    ['stop words', { stop: ['a', 'b'], seed: 2 ** 60, logit_bias: { 50256: -100 } }],
    ['usage in a stream', { stream: true, stream_options: { include_usage: true } }],
    [
      'an image and a tool’s answer',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'c', content: '4' },
        ],
      },
    ],
    ['a field of tomorrow', { thinking_budget: { tokens: 5 } }],
  ])('with %s is as described', (_name, fields) => {
    const body = { model: 'a', messages: [{ role: 'user', content: 'Hi' }], ...fields };
    expect(ChatRequest.parse(body)).toEqual(body);
  });
});

describe('an embeddings body', () => {
  test('is accepted by the hand-written reader exactly when the contract accepts it', () => {
    expectAgreement(embeddingsBody, readEmbeddingsRequest, {
      judged: JudgedEmbeddingsRequest,
      described: EmbeddingsRequest,
    });
  });
});

describe('the nexevo object', () => {
  const generation = {
    id: 'gen_1',
    billingTier: 'fast',
    modelUsed: 'local/math',
    modelsTried: ['local/words', 'local/math'],
    costNano: nanoUsd(38_000n),
    cache: 'miss',
    latencyMs: 12,
  } as Partial<Generation> as Generation;
  const model = { ...modelOf({ id: 'local' }), id: 'local/math' };
  const other = { ...modelOf({ id: 'local' }), id: 'local/words' };
  const named: Intent = { kind: 'model', id: 'local/math', preference: undefined };
  const tier = { kind: 'tier', tier: 'auto', preference: undefined } as const;

  const factsFor = (intent: Intent, models: readonly Model[], asked = 'nexevo/auto') => {
    const request = readChatRequest(JSON.stringify({ model: asked, messages: [{ role: 'user' }] }));
    const about = routingRequestOf(request, { asked, organizationId: 'org_1' });
    const ask = { intent: tier, models, catalogue: catalogueOf(models), request: about };
    const decision = models.length === 0 ? undefined : testRouter().route(ask).decision;
    return factsOf(generation, { decision, request }, { model, intent } as Candidate);
  };

  test.each<[string, Intent, readonly Model[], string]>([
    ['a named model', named, [], 'named-model'],
    ['the choice of a tier', tier, [model, other], 'best'],
    ['the only model of a tier', tier, [model], 'only-one'],
    ['a model in place of the chosen one', tier, [other], 'fallback'],
    ['a tier among the fallbacks', tier, [], 'fallback'],
  ])('is what the contract says, no field more or less: %s', (_name, intent, models, reason) => {
    const facts = factsFor(intent, models);
    expect(GenerationFacts.parse(facts)).toEqual(facts);
    expect(facts).toMatchObject({ route: { reason } });
  });
});
