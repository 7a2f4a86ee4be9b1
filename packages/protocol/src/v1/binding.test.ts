import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BINDING_FIELDS, bindingOf, checkBinding } from '../index.ts';
import type { BindingCheck } from '../index.ts';

const clientSpkiDer = Uint8Array.of(1, 2, 3);
const nowSeconds = 1_765_250_382;
const binding = await bindingOf(clientSpkiDer, nowSeconds + 0.9, new Uint8Array(16).fill(7));

function check(changes: Partial<BindingCheck> = {}): BindingCheck {
  const remembered = new Set<string>();
  const seen = (nonce: string): boolean => {
    const isKnown = remembered.has(nonce);
    remembered.add(nonce);
    return isKnown;
  };
  return { clientSpkiDer, nowSeconds, maxAgeSeconds: 300, seen, ...changes };
}

test('a bound request passes once and its replay is refused', async () => {
  const once = check();
  const fields = { ...binding, idempotency_key: 'k-1', model: 'm' };
  expect(await checkBinding(fields, once)).toEqual({
    ok: true,
    value: { kind: 'bound', nonce: binding.nonce, idempotencyKey: 'k-1' },
  });
  expect(await checkBinding(fields, once)).toEqual({
    ok: false,
    problem: { kind: 'binding-replayed' },
  });
});

test('a request of a published client, which has no binding, passes as unbound', async () => {
  expect(await checkBinding({ model: 'm', messages: [] }, check())).toEqual({
    ok: true,
    value: { kind: 'unbound', idempotencyKey: undefined },
  });
});

test('a reply key other than the bound one is refused', async () => {
  const swapped = check({ clientSpkiDer: Uint8Array.of(1, 2, 4) });
  expect(await checkBinding({ ...binding }, swapped)).toMatchObject({
    problem: { kind: 'binding-other-key' },
  });
});

test.each([
  [-301, false],
  [-300, true],
  [300, true],
  [301, false],
  [Number.NaN, false],
])('a request of %d seconds of age: accepted %s', async (age, isAccepted) => {
  const result = await checkBinding({ ...binding }, check({ nowSeconds: nowSeconds + age }));
  expect(result.ok).toBe(isAccepted);
});

test('a nonce is remembered for as long as its request could be accepted', async () => {
  const until: number[] = [];
  const seen = async (_nonce: string, untilSeconds: number): Promise<boolean> => {
    until.push(untilSeconds);
    return false;
  };
  await checkBinding({ ...binding }, check({ nowSeconds: nowSeconds - 300, seen }));
  expect(until).toEqual([nowSeconds + 300]);
});

test('a refused request leaves no trace in the memory', async () => {
  const seen = (): boolean => {
    throw new Error('the memory was asked');
  };
  const stale = await checkBinding({ ...binding }, check({ nowSeconds: 0, seen }));
  const swapped = await checkBinding(
    { ...binding },
    check({ clientSpkiDer: new Uint8Array(), seen }),
  );
  expect([stale.ok, swapped.ok]).toEqual([false, false]);
});

test.each(['client_key_sha256', 'ts', 'nonce'] as const)(
  'a binding without %s is refused',
  async (field) => {
    expect(await checkBinding({ ...binding, [field]: undefined }, check())).toEqual({
      ok: false,
      problem: { kind: 'binding-malformed', field },
    });
  },
);

test.each([
  ['client_key_sha256', binding.client_key_sha256.toUpperCase()],
  ['ts', String(nowSeconds)],
  ['ts', nowSeconds + 0.5],
  ['nonce', 'AAAAAAAAAAAAAAAAAAAAAB'],
  ['nonce', 'AAAAAAAAAAAAAAAAAAAAAA=='],
  ['idempotency_key', ''],
  ['idempotency_key', 'a b'],
  ['idempotency_key', 'k'.repeat(129)],
  ['idempotency_key', 5],
])('%s cannot be %j', async (field, value) => {
  expect(await checkBinding({ ...binding, [field]: value }, check())).toEqual({
    ok: false,
    problem: { kind: 'binding-malformed', field },
  });
});

test('never throws on hostile fields', async () => {
  const field = fc.constantFrom(...BINDING_FIELDS);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(field, fc.jsonValue()), async (fields) => {
      const result = await checkBinding(fields, check());
      expect(typeof result.ok).toBe('boolean');
    }),
  );
});

test('a nonce of another length is a fault of the caller', async () => {
  await expect(bindingOf(clientSpkiDer, nowSeconds, new Uint8Array(15))).rejects.toThrow('16');
});
