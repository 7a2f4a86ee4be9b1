import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { signStripe, STRIPE_SECRETS } from '../../../../../../e2e/fakes/stripe.ts';
import { Secret } from '../../../platform/secret.ts';
import { createStripe } from './stripe.ts';

interface Vector {
  readonly name: string;
  readonly event: object;
  readonly ours: 'not-ours' | Readonly<Record<string, string | null>>;
}

const VECTORS = JSON.parse(
  readFileSync(new URL('test-vectors/stripe-events.json', import.meta.url), 'utf8'),
) as readonly Vector[];
const NOW_MS = Date.UTC(2026, 0, 2);
const stripe = createStripe({
  secretKey: new Secret(STRIPE_SECRETS.secretKey),
  webhookSecret: new Secret(STRIPE_SECRETS.webhookSecret),
  apiUrl: undefined,
});

describe('of an event is read', () => {
  test.each(VECTORS)('what it is about: $name', ({ event, ours }) => {
    // As Stripe prints them.
    const text = JSON.stringify(event, undefined, 2);
    const read = stripe.readEvent(Buffer.from(text), signStripe(text, NOW_MS), NOW_MS);
    expect(JSON.parse(JSON.stringify(read, (_, value: unknown) => value ?? null))).toEqual(ours);
  });

  test('nothing, if one byte of it or of its signature is another, or it is older than five minutes', () => {
    const text = JSON.stringify(VECTORS[0]?.event);
    const signature = signStripe(text, NOW_MS);
    const read = (body: Uint8Array, header: string, nowMs = NOW_MS) =>
      stripe.readEvent(body, header, nowMs);
    expect(read(Buffer.from(text), signature, NOW_MS + 300_000)).toHaveProperty('id');
    expect(read(Buffer.from(text), signature, NOW_MS + 301_000)).toBe('unsigned');
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const body = Buffer.from(text);
        body[place] = (body[place] ?? 0) ^ change;
        expect(read(body, signature)).toBe('unsigned');
        const mark = place % signature.length;
        const header = `${signature.slice(0, mark)}${signature[mark] === '0' ? '1' : '0'}${signature.slice(mark + 1)}`;
        expect(read(Buffer.from(text), header)).toBe('unsigned');
      }),
    );
  });

  test('nothing of what anybody can make up, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (body, header) => {
        expect(stripe.readEvent(body, header, NOW_MS)).toBe('unsigned');
      }),
    );
  });
});
