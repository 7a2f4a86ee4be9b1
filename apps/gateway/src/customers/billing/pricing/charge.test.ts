import { nanoUsd, parsePricePerMillion, parseUsd, picoUsdPerToken } from '@sealgate/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundOf, chargeOf, type CacheOutcome } from './charge.ts';
import { completePrice, NO_TOKENS, type TokenUsage } from './price.ts';
import { priceListOf, PriceListFields, printPriceList } from './list-fields.ts';
import { PriceFields, priceOf, printPrice } from './price-fields.ts';
import { lessPercent, parseRatio, percentOff, printRatio, WHOLE } from './ratio.ts';
import { printTariff, readTariff } from './tariff-fields.ts';
import {
  DEFAULT_PRICE_LIST,
  NO_DISCOUNT,
  tariffFor,
  versionOf,
  type BillingTier,
  type Tariff,
} from './tariff.ts';
import vectors from './test-vectors/charges.json' with { type: 'json' };
import listVectors from './test-vectors/price-lists.json' with { type: 'json' };

/** Calculated apart from this code, with exact fractions. */
type Vector = (typeof vectors)[number];

const perMillion = (text: string) => parsePricePerMillion(text) ?? picoUsdPerToken(-1n);

const tariffOf = (vector: Vector): Tariff => {
  const { input, output, cachedInput, cacheWrite, reasoning } = vector.usdPerMillion;
  const [of = 0, per = 1] = vector.factor;
  return {
    tier: vector.tier as BillingTier,
    price: {
      input: perMillion(input),
      output: perMillion(output),
      cachedInput: perMillion(cachedInput),
      cacheWrite: perMillion(cacheWrite),
      reasoning: perMillion(reasoning),
      image: picoUsdPerToken((parseUsd(vector.usdPerImage) ?? 0n) * 1_000n),
    },
    factor: { of: BigInt(of), per: BigInt(per) },
    feeNano: parseUsd(vector.feeUsd) ?? nanoUsd(-1n),
    cacheShare: DEFAULT_PRICE_LIST.cacheShare,
    planShare: WHOLE,
    version: 'prc_test',
  };
};

describe('what an answer costs', () => {
  test.each(vectors)('$name', (vector) => {
    const { usage, cache, chargedNano } = vector;
    expect(chargeOf(usage, tariffOf(vector), cache as CacheOutcome)).toBe(BigInt(chargedNano));
  });

  test('never exceeds its bound, wherever the tokens fall below theirs and from whichever cache they come', () => {
    const pico = fc.bigInt({ min: 0n, max: 10n ** 9n }).map(picoUsdPerToken);
    const price = fc.record({
      input: pico,
      cachedInput: pico,
      cacheWrite: pico,
      output: pico,
      reasoning: pico,
      image: pico,
    });
    const portion = fc.bigInt({ min: 0n, max: 1_000n }).map((of) => ({ of, per: 1_000n }));
    const tariff = fc.record({
      tier: fc.constant('passthrough' as const),
      price,
      factor: fc.record({
        of: fc.bigInt({ min: 0n, max: 200n }),
        per: fc.bigInt({ min: 1n, max: 200n }),
      }),
      feeNano: fc.bigInt({ min: 0n, max: 10n ** 6n }).map((nano) => nano as Tariff['feeNano']),
      cacheShare: portion,
      planShare: portion,
      version: fc.constant('prc_test'),
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const cases = fc.record({
      tariff,
      input: fc.nat(10_000_000),
      output: fc.nat(10_000_000),
      images: fc.nat(20),
      used: fc.tuple(share, share, share, share, share),
      cache: fc.constantFrom<CacheOutcome[]>('miss', 'exact', 'semantic'),
    });
    fc.assert(
      fc.property(cases, ({ tariff: paid, input, output, images, used, cache }) => {
        const [ofInput, ofCached, ofWritten, ofOutput, ofReasoning] = used;
        const read = Math.floor(input * ofInput);
        const cachedInput = Math.floor(read * ofCached);
        const written = Math.floor(output * ofOutput);
        const usage: TokenUsage = {
          input: read,
          cachedInput,
          cacheWrite: Math.floor((read - cachedInput) * ofWritten),
          output: written,
          reasoning: Math.floor(written * ofReasoning),
          images,
        };
        const bounds = { ...NO_TOKENS, input, output, images };
        expect(chargeOf(usage, paid, cache)).toBeLessThanOrEqual(boundOf(bounds, paid));
      }),
    );
  });
});

describe('a price list', () => {
  test.each(listVectors)('$name', (vector) => {
    const share = lessPercent(parseRatio(vector.percentOff) ?? WHOLE);
    const list = {
      ...priceListOf(PriceListFields.parse(vector.list)),
      planShares: { ...NO_DISCOUNT, [vector.billingTier]: share },
    };
    const tariff = tariffFor(list, {
      tier: (vector.tier ?? undefined) as 'fast' | 'balanced' | 'auto' | undefined,
      price: priceOf(PriceFields.parse(vector.price)),
      isOwnKey: vector.isOwnKey,
    });
    if (tariff === undefined) throw new Error('it has a price');
    expect([tariff.tier, tariff.version]).toEqual([vector.billingTier, vector.version]);
    expect(boundOf(vector.usage, tariff)).toBe(BigInt(vector.boundNano));
    expect(chargeOf(vector.usage, tariff, vector.cache as CacheOutcome)).toBe(
      BigInt(vector.chargedNano),
    );
  });

  test('that was kept is the same when it is read again, and so is a tariff, with its version', () => {
    const pico = fc.bigInt({ min: 0n, max: 10n ** 15n }).map(picoUsdPerToken);
    const image = pico.map((micro) => picoUsdPerToken(micro * 10n ** 6n));
    const price = fc.record({
      input: pico,
      cachedInput: pico,
      cacheWrite: pico,
      output: pico,
      reasoning: pico,
      image,
    });
    const ratio = (most: number) =>
      fc
        .tuple(fc.nat(most), fc.nat(999_999))
        .map(([whole, rest]) => parseRatio(`${whole}.${String(rest).padStart(6, '0')}`) ?? WHOLE);
    const fee = fc.bigInt({ min: 0n, max: 10n ** 14n }).map(nanoUsd);
    const cases = fc.record({
      tiers: fc.record({ fast: price, balanced: price }),
      passthrough: ratio(99),
      byok: fc.record({ factor: ratio(99), feeNano: fee }),
      cacheShare: ratio(0),
      planShares: fc.constant(NO_DISCOUNT),
    });
    fc.assert(
      fc.property(cases, price, ratio(0), (list, listed, planShare) => {
        const kept: unknown = JSON.parse(JSON.stringify(printPriceList(list)));
        expect(priceListOf(PriceListFields.parse(kept))).toEqual(list);
        const terms = {
          tier: 'byok' as const,
          price: listed,
          ...list.byok,
          cacheShare: list.cacheShare,
          planShare,
        };
        const tariff = { ...terms, version: versionOf(terms) };
        expect(readTariff(JSON.parse(JSON.stringify(printTariff(tariff))))).toEqual(tariff);
        expect(priceOf(PriceFields.parse(printPrice(listed)))).toEqual(listed);
      }),
    );
  });

  test.each([
    { passthrough_factor: '100.1' },
    { cache_hit_share: '1.000001' },
    { byok: { share: '-1' } },
    { byok: { fee_usd: '1000000' } },
    { byok: { fee_usd: '0.0000000001' } },
    { fast: { input: '1' } },
    { fast: { input: '1e3', output: '1' } },
  ])('%j is refused', (fields) => {
    expect(PriceListFields.safeParse(fields).success).toBe(false);
  });
});

describe('a factor', () => {
  test.each([
    ['1.05', 105n, 100n],
    ['1.050', 105n, 100n],
    ['10', 10n, 1n],
    ['0', 0n, 1n],
    ['0.000001', 1n, 1_000_000n],
    ['020', 20n, 1n],
  ])('%s is read digit by digit, and written in one way', (text, of, per) => {
    expect(parseRatio(text)).toEqual({ of, per });
  });

  test.each(['', '.5', '1.', '1e3', '-1', '1.0000001', '1234567', ' 1', 'NaN'])(
    '"%s" is none',
    (text) => {
      expect(parseRatio(text)).toBeUndefined();
    },
  );

  test('and the per cent that are taken off say the same', () => {
    fc.assert(
      fc.property(fc.nat(999_999), (parts) => {
        const percent = parseRatio(
          `${Math.floor(parts / 10_000)}.${String(parts % 10_000).padStart(4, '0')}`,
        );
        if (percent === undefined) throw new Error('it is one');
        expect(percentOff(lessPercent(percent))).toEqual(percent);
        expect(parseRatio(printRatio(lessPercent(percent)))).toEqual(lessPercent(percent));
      }),
    );
  });
});

describe('the tariff', () => {
  const cheap = completePrice({ input: perMillion('0.10'), output: perMillion('2.40') });
  const dear = completePrice({ input: perMillion('0.10'), output: perMillion('2.41') });
  const asked = { tier: undefined, price: cheap, isOwnKey: false } as const;

  test('of a tier is flat, whichever model serves, and even if nobody knows its price', () => {
    for (const price of [cheap, dear, undefined]) {
      for (const tier of ['fast', 'balanced'] as const) {
        const tariff = tariffFor(DEFAULT_PRICE_LIST, { ...asked, tier, price });
        expect(tariff).toMatchObject({ tier, price: DEFAULT_PRICE_LIST.tiers[tier] });
      }
    }
  });

  test('of auto is that of the cheapest tier whose price covers the model that served', () => {
    const tierFor = (price: typeof cheap) =>
      tariffFor(DEFAULT_PRICE_LIST, { ...asked, tier: 'auto', price })?.tier;
    const longPrompts = completePrice({ input: perMillion('0.61'), output: perMillion('0.10') });
    expect([cheap, dear, longPrompts].map(tierFor)).toEqual(['fast', 'balanced', 'balanced']);
  });

  test('of a model that was named is its list price and five per cent; without a price there is none', () => {
    expect(tariffFor(DEFAULT_PRICE_LIST, asked)).toMatchObject({
      tier: 'passthrough',
      price: cheap,
      factor: { of: 105n, per: 100n },
    });
    expect(tariffFor(DEFAULT_PRICE_LIST, { ...asked, price: undefined })).toBeUndefined();
  });

  test('of an organization’s own key takes the model’s cost off and leaves the fee', () => {
    const tariff = tariffFor(DEFAULT_PRICE_LIST, { ...asked, tier: 'fast', isOwnKey: true });
    expect(tariff).toMatchObject({ tier: 'byok', factor: { of: 0n }, feeNano: 0n });
  });

  test('of an organization’s own key needs no list price, unless a share of it is charged', () => {
    const own = { tier: undefined, price: undefined, isOwnKey: true } as const;
    expect(tariffFor(DEFAULT_PRICE_LIST, own)).toMatchObject({ tier: 'byok', feeNano: 0n });
    const byok = { factor: { of: 1n, per: 100n }, feeNano: nanoUsd(1n) };
    expect(tariffFor({ ...DEFAULT_PRICE_LIST, byok }, own)).toBeUndefined();
    expect(tariffFor({ ...DEFAULT_PRICE_LIST, byok }, { ...own, price: cheap })).toMatchObject({
      price: cheap,
      ...byok,
    });
  });

  test('has a version that tells apart exactly what is charged differently', () => {
    const versionOf = (question: Parameters<typeof tariffFor>[1]) =>
      tariffFor(DEFAULT_PRICE_LIST, question)?.version;
    const again = completePrice({ input: perMillion('0.10'), output: perMillion('2.40') });
    expect(versionOf(asked)).toMatch(/^prc_[0-9a-f]{24}$/);
    expect(versionOf({ ...asked, price: again })).toBe(versionOf(asked));
    const others = [
      versionOf({ ...asked, price: dear }),
      versionOf({ ...asked, isOwnKey: true }),
      versionOf({ ...asked, tier: 'fast' }),
      versionOf({ ...asked, tier: 'balanced' }),
    ];
    expect(new Set([versionOf(asked), ...others]).size).toBe(5);
  });
});
