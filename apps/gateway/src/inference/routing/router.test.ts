import { picoUsdPerToken } from '@sealgate/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completePrice } from '../../customers/billing/index.ts';
import type { Catalogue, Model, Outlook } from '../upstreams/index.ts';
import { catalogueOf, modelOf } from '../upstreams/testing.ts';
import { readIntent, type Intent } from './intent.ts';
import { promptOf } from './learning/testing-prompts.ts';
import { readFeatures } from './learning/index.ts';
import { QualityBook } from './quality-book.ts';
import type { RoutingRequest } from './request.ts';
import type { RouterOptions } from './router.ts';
import { testRouter } from './testing.ts';

const price = (usdPerMillion: number): NonNullable<Model['price']> => {
  const pico = picoUsdPerToken(BigInt(Math.round(usdPerMillion * 1e6)));
  return completePrice({ input: pico, output: pico });
};

const model = (name: string, changes: Partial<Model> = {}): Model => ({
  ...modelOf({ id: 'house' }),
  id: `house/${name}`,
  upstreamModel: name,
  price: price(1),
  ...changes,
});

const request = (changes: Partial<RoutingRequest> = {}): RoutingRequest => ({
  organizationId: 'org_1',
  readPrompt: () => promptOf('What is 12 + 30?'),
  inputTokens: 100,
  maxOutputTokens: undefined,
  choiceCount: 1,
  isStream: false,
  explores: true,
  conversation: undefined,
  ...changes,
});

const tierOf = (asked: string): Intent & { readonly kind: 'tier' } => {
  const intent = readIntent(asked);
  if (intent.kind !== 'tier') throw new Error(`${asked} is no tier`);
  return intent;
};

const FRESH: Outlook = { isOpen: true, failureRisk: 0, typicalMs: undefined };

/** A router whose models have these outlooks. */
function scene(
  models: readonly Model[],
  outlooks: Readonly<Record<string, Partial<Outlook>>> = {},
  changes: Partial<RouterOptions> & Pick<Catalogue, 'lastResorts'> = {},
) {
  const { lastResorts, ...options } = changes;
  const router = testRouter({
    health: { outlookOf: ({ id }) => ({ ...FRESH, ...outlooks[id.split('/')[1] ?? ''] }) },
    ...options,
  });
  const catalogue = { ...catalogueOf(models), ...(lastResorts && { lastResorts }) };
  const route = (asked = 'nexevo/auto', changed: Partial<RoutingRequest> = {}) =>
    router.route({ intent: tierOf(asked), models, catalogue, request: request(changed) });
  const names = (...asked: Parameters<typeof route>): string[] =>
    route(...asked).models.map(({ upstreamModel }) => upstreamModel);
  return { router, route, names };
}

/** A book in which these models are good at everything or at nothing. */
function bookOf(verdicts: Readonly<Record<string, 0 | 1>>): QualityBook {
  const book = new QualityBook(() => ({ mean: 0.7, worth: 20 }));
  for (const [name, label] of Object.entries(verdicts)) {
    for (let vote = 0; vote < 40; vote += 1) {
      const features = readFeatures(promptOf('What is 12 + 30?'));
      book.learn(`house/${name}`, features, { rating: { label, weight: 1 }, isVote: true });
    }
  }
  return book;
}

describe('of a tier', () => {
  const cheap = model('cheap', { price: price(0.1) });
  const dear = model('dear', { price: price(30) });

  test('among models that nobody has rated the cheapest is best, and what votes say outweighs it', () => {
    expect(scene([dear, cheap]).names()).toEqual(['cheap', 'dear']);
    const book = bookOf({ cheap: 0, dear: 1 });
    expect(scene([dear, cheap], {}, { book }).names()).toEqual(['dear', 'cheap']);
  });

  test('fast weighs money and time most, quality least, and suffixes bend that', () => {
    const book = bookOf({ cheap: 0, dear: 1 });
    const { names } = scene([cheap, dear], {}, { book });
    expect(names('nexevo/fast')[0]).toBe('cheap');
    expect(names('nexevo/fast:quality')[0]).toBe('dear');
    expect(names('nexevo/auto:cheap')[0]).toBe('cheap');
    const slow = scene([model('slow'), model('quick')], {
      slow: { typicalMs: 9_000 },
      quick: { typicalMs: 300 },
    });
    expect(slow.names()[0]).toBe('quick');
  });

  test('the decision tells what was expected of each model', () => {
    const { decision } = scene(
      [cheap, dear],
      { cheap: { typicalMs: 400, failureRisk: 0.5 } },
      { book: bookOf({ dear: 1 }) },
    ).route('nexevo/fast', { maxOutputTokens: 50 });
    const { options, chosen, reason } = decision.choice;
    expect([chosen, reason, decision.tier]).toEqual(['house/cheap', 'best', 'fast']);
    expect(options[0]).toMatchObject({
      id: 'house/cheap',
      quality: 0.35,
      latencyMs: 400,
      ratings: 0,
      usdPer1000: expect.closeTo(1_000 * 150 * 0.1e-6, 10),
    });
    // What nobody knows of it is taken from the others.
    expect(options[1]).toMatchObject({ id: 'house/dear', latencyMs: 400, ratings: 40 });
    expect(options.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 10);
  });

  test('a model that can be asked with several keys is one to choose, and comes with all of them', () => {
    const own = {
      ...cheap,
      upstream: { ...cheap.upstream, owner: { id: 'pvk_1', revision: 1 } },
    };
    const isOpen = ({ upstream }: Model): boolean => upstream.owner === undefined;
    const spoiled = {
      outlookOf: (each: Model) => ({ ...FRESH, isOpen: isOpen(each), failureRisk: 0 }),
    };
    for (const health of [{ outlookOf: () => FRESH }, spoiled]) {
      const { route } = scene([own, cheap, dear], {}, { health });
      const { models, decision } = route();
      expect(models).toEqual([own, cheap, dear]);
      expect(decision.choice.options.map(({ id }) => id)).toEqual(['house/cheap', 'house/dear']);
      const sum = decision.choice.options.reduce(
        (total, { probability }) => total + probability,
        0,
      );
      expect(sum).toBeCloseTo(1, 10);
    }
  });

  test('at most four are chosen among, and the others stand behind them', () => {
    const models = [1, 2, 3, 4, 5, 6].map((usd) => model(`m${usd}`, { price: price(usd) }));
    const { route, names } = scene(models.toReversed());
    expect(route().decision.choice.options.map(({ id }) => id)).toEqual(
      ['m1', 'm2', 'm3', 'm4'].map((name) => `house/${name}`),
    );
    expect(names()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  });

  test('who is left alone, or too small for the request, is not chosen and comes last', () => {
    const small = model('small', { price: price(0.01), contextLength: 99 });
    const outlooks = { cheap: { isOpen: false } };
    const { route, names } = scene([small, cheap, dear], outlooks);
    expect(names()).toEqual(['dear', 'small', 'cheap']);
    expect(route().decision.choice.reason).toBe('only-one');
    expect(scene([small, dear]).names('nexevo/auto', { inputTokens: 99 })[0]).toBe('small');
    // Nobody is kept back: a guess may be wrong, and a host may be well again.
    expect(scene([small, cheap], outlooks).names()).toEqual(['small', 'cheap']);
  });

  test('a last resort serves only where no other can', () => {
    const toy = model('toy', { price: price(0) });
    const lastResorts = { auto: new Set([toy]) };
    const { route, names } = scene([toy, dear, cheap], {}, { lastResorts });
    expect(names()).toEqual(['cheap', 'dear', 'toy']);
    expect(route().decision.choice.options).toHaveLength(2);
    expect(names('nexevo/fast')[0]).toBe('toy');
    const away = { cheap: { isOpen: false }, dear: { isOpen: false } };
    expect(scene([toy, dear, cheap], away, { lastResorts }).names()[0]).toBe('toy');
    expect(scene([toy], {}, { lastResorts }).names()).toEqual(['toy']);
  });

  test('whatever is known of them, all models stay, none comes in, and the chosen one is first', () => {
    const anything = fc.record({
      outlooks: fc.array(
        fc.record({
          isOpen: fc.boolean(),
          failureRisk: fc.double({ min: 0, max: 1, noNaN: true }),
          typicalMs: fc.option(fc.nat(60_000), { nil: undefined }),
        }),
        { minLength: 1, maxLength: 9 },
      ),
      usd: fc.array(fc.option(fc.nat(50), { nil: undefined }), { minLength: 9, maxLength: 9 }),
      draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      inputTokens: fc.nat(10_000),
      conversation: fc.option(fc.nat(12), { nil: undefined }),
      explores: fc.boolean(),
    });
    fc.assert(
      fc.property(anything, ({ outlooks, usd, draw, inputTokens, conversation, explores }) => {
        const models = outlooks.map((_, at) =>
          model(`m${at}`, {
            price: usd[at] === undefined ? undefined : price(usd[at]),
            contextLength: at % 2 === 0 ? 5_000 : undefined,
          }),
        );
        const known = Object.fromEntries(outlooks.map((outlook, at) => [`m${at}`, outlook]));
        const { router, route } = scene(models, known, { random: () => draw });
        if (conversation !== undefined) place(router, 'talk', model(`m${conversation}`));
        const asked = { inputTokens, explores, conversation: 'talk' };
        const { models: ordered, decision } = route('nexevo/auto', asked);
        expect(new Set(ordered)).toEqual(new Set(models));
        expect(ordered).toHaveLength(models.length);
        expect(ordered[0]?.id).toBe(decision.choice.chosen);
        if (!explores) expect(decision.choice.reason).not.toBe('exploration');
      }),
    );
  });

  test('some draws try out another model, unless the caller wants none of that', () => {
    const models = [model('a'), model('b'), model('c')];
    const reasons = (explores: boolean): Set<string> =>
      new Set(
        Array.from({ length: 100 }, (_, at) => {
          const { route } = scene(models, {}, { random: () => at / 100 });
          return route('nexevo/auto', { explores }).decision.choice.reason;
        }),
      );
    expect(reasons(true)).toEqual(new Set(['best', 'exploration']));
    expect(reasons(false)).toEqual(new Set(['best']));
  });
});

function place(router: ReturnType<typeof testRouter>, conversation: string, at: Model): void {
  router.noteAnswer({
    organizationId: 'org_1',
    model: at,
    outputTokens: 5,
    isEmpty: false,
    answeredModel: undefined,
    conversation,
  });
}

describe('a conversation', () => {
  const models = [1, 2, 3, 4, 5].map((usd) => model(`m${usd}`, { price: price(usd) }));
  const talk = { conversation: 'talk' };

  test('stays on the model that answered last, whatever is best and whatever is drawn', () => {
    for (let draw = 0; draw < 1; draw += 0.01) {
      const { router, route } = scene(models, {}, { random: () => draw });
      place(router, 'talk', model('m5'));
      const { models: ordered, decision } = route('nexevo/auto', talk);
      expect(ordered[0]?.upstreamModel).toBe('m5');
      expect(decision.choice).toMatchObject({ chosen: 'house/m5', reason: 'conversation' });
      expect(decision.conversation).toBe('talk');
    }
  });

  test('goes to another where its model cannot serve, and stays there', () => {
    const outlooks: Record<string, Partial<Outlook>> = { m5: { isOpen: false } };
    const { router, names } = scene(models, outlooks);
    place(router, 'talk', model('m5'));
    expect(names('nexevo/auto', talk)[0]).toBe('m1');
    place(router, 'talk', model('m2'));
    outlooks['m5'] = {};
    expect(names('nexevo/auto', talk)[0]).toBe('m2');
  });

  test('is not bound to a model that said nothing, and binds no other conversation', () => {
    const { router, names } = scene(models);
    router.noteAnswer({
      organizationId: 'org_1',
      model: model('m5'),
      outputTokens: 0,
      isEmpty: true,
      answeredModel: undefined,
      conversation: 'talk',
    });
    place(router, 'other', model('m4'));
    expect(names('nexevo/auto', talk)[0]).toBe('m1');
    expect(names()[0]).toBe('m1');
  });
});

describe('what answers were like', () => {
  const answered = {
    organizationId: 'org_1',
    isEmpty: false,
    answeredModel: undefined,
    conversation: undefined,
  };

  test('who writes more is expected to cost more', () => {
    const [brief, wordy] = [model('brief'), model('wordy')];
    const { router, names, route } = scene([wordy, brief]);
    expect(names('nexevo/fast')[0]).toBe('wordy');
    for (let count = 0; count < 50; count += 1) {
      router.noteAnswer({ ...answered, model: wordy, outputTokens: 4_000 });
      router.noteAnswer({ ...answered, model: brief, outputTokens: 10 });
    }
    expect(names('nexevo/fast')[0]).toBe('brief');
    const [first] = route('nexevo/fast', { choiceCount: 2 }).decision.choice.options;
    expect(first?.usdPer1000).toBeLessThan(0.5);
  });

  test('who says nothing is expected to be of less use', () => {
    const [silent, other] = [model('silent'), model('other')];
    const { router, names } = scene([silent, other]);
    expect(names()[0]).toBe('silent');
    for (let count = 0; count < 5; count += 1)
      router.noteAnswer({ ...answered, model: silent, outputTokens: 0, isEmpty: true });
    expect(names()[0]).toBe('other');
  });

  test('nobody makes a model look silent, brief or wordy to others', () => {
    const [first, second] = [model('first'), model('second')];
    const { router, route } = scene([first, second]);
    const seen = (organizationId: string) =>
      route('nexevo/fast', { organizationId }).decision.choice.options;
    const before = seen('org_2');
    for (let count = 0; count < 50; count += 1) {
      router.noteAnswer({ ...answered, model: first, outputTokens: 0, isEmpty: true });
      router.noteAnswer({ ...answered, model: second, outputTokens: 90_000 });
    }
    expect(seen('org_2')).toEqual(before);
    expect(seen('org_1')).not.toEqual(before);
  });

  test('a version that nobody has seen is told, with its model', () => {
    const told: string[][] = [];
    const onNewVersion = (...version: string[]): void => void told.push(version);
    const { router } = scene([model('a')], {}, { onNewVersion });
    router.noteAnswer({ ...answered, model: model('a'), outputTokens: 1, answeredModel: 'a-2' });
    expect(told).toEqual([['house/a', expect.stringMatching(/^[\w-]{16}$/)]]);
  });

  test('decisions are counted with their tier, reason and time', () => {
    const counted: unknown[] = [];
    let nowMs = 0;
    const { route, router } = scene(
      [model('a'), model('b')],
      {},
      {
        metrics: { decision: (...facts) => void counted.push(facts) },
        monotonicMs: () => (nowMs += 0.25),
        book: bookOf({ a: 1 }),
      },
    );
    route('nexevo/fast:quality');
    expect(counted).toEqual([['fast', 'best', 0.000_25]]);
    const standings = new Map(Array.from(router.standings(), ([id, ...rest]) => [id, rest]));
    expect(standings.get('house/b')).toEqual([expect.closeTo(0.7, 10), 0]);
    expect(standings.get('house/a')?.[1]).toBe(40);
  });
});
