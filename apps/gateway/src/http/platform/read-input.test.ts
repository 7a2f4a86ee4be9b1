import { ENDPOINTS } from '@sealgate/contract';
import { expect, test } from 'vitest';
import { readJson, readQuery } from './read-input.ts';

const nested = (depth: number) =>
  `{"role":"user","content":"x","metadata":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

test('JSON that is nested without end is a fault of the caller', () => {
  expect(readJson(ENDPOINTS.appendMessage, nested(98))).toMatchObject({ content: 'x' });
  for (const depth of [99, 20_000, 700_000]) {
    expect(() => readJson(ENDPOINTS.appendMessage, nested(depth))).toThrow('more than 100 levels');
  }
});

test.each([
  ['createCheckout', '{"amount_usd":20}', 'idempotency_key: is missing.'],
  [
    'createCheckout',
    '{"amount_usd":-1,"idempotency_key":"a"}',
    'amount_usd: must be US dollars with at most two decimals, such as 20 or "20.50".',
  ],
  [
    'updateSpendCap',
    '{"monthly_spend_cap_usd":5}',
    'monthly_spend_cap_usd: must be an amount of US dollars below a thousand million in decimal text, e.g. "100.00".',
  ],
  ['updateKeyCache', '{"mode":"on"}', 'mode: must be one of off, exact, semantic.'],
  ['updateKeyCache', '{"ttl_seconds":1}', 'ttl_seconds: must be at least 10.'],
  ['updateAlerts', '{"thresholds":[101]}', 'thresholds[0]: must be at most 100.'],
  ['updateAlerts', '{"thresholds":[]}', 'thresholds: must have a length of at least 1.'],
  ['updateAlerts', '{"email_enabled":"yes"}', 'email_enabled: must be of the type boolean.'],
] as const)('a fault in the body of %s, %s, is told as "%s"', (name, body, message) => {
  expect(() => readJson(ENDPOINTS[name], body)).toThrow(message);
});

test('so is one in the query', () => {
  expect(() => readQuery(ENDPOINTS.readUsage, { days: ['0'] })).toThrow(
    'days: must be at least 1.',
  );
});
