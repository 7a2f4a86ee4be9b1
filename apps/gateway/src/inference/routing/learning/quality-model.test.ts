import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  lessonFromBytes,
  lessonToBytes,
  featuresFromBytes,
  featuresToBytes,
  stateFromBytes,
  stateToBytes,
} from './bytes.ts';
import { readFeatures, type Features } from './features.ts';
import { fitModel } from './fit.ts';
import { QualityModel, type Rating } from './quality-model.ts';
import { promptOf } from './testing-prompts.ts';

const prior = { mean: 0.7, worth: 20 };
const read = (text: string): Features => readFeatures(promptOf(text));

const PROMPTS = ['add 2 and 3', 'spell whale', 'write a poem', '鲸鱼是什么', 'def f(x): return x'];
const rating = fc.record({
  label: fc.double({ min: 0, max: 1, noNaN: true }),
  weight: fc.double({ min: 0, max: 1, noNaN: true }),
});
const rated = fc.record({ text: fc.constantFrom(...PROMPTS), rating });
const history = fc.array(rated, { maxLength: 30 });

function taught(ratings: readonly { text: string; rating: Rating }[]): QualityModel {
  const model = QualityModel.fromPrior(prior);
  for (const each of ratings) model.learn(read(each.text), each.rating);
  return model;
}

const predictions = (model: QualityModel): readonly number[] =>
  PROMPTS.map((text) => model.predict(read(text)));

function expectSame(actual: QualityModel, expected: QualityModel, digits = 5): void {
  for (const [at, prediction] of predictions(actual).entries())
    expect(prediction).toBeCloseTo(predictions(expected)[at] ?? Number.NaN, digits);
}

const good = { label: 1, weight: 1 };
const bad = { label: 0, weight: 1 };

describe('a model of quality', () => {
  test('predicts its prior until it is taught', () => {
    for (const prediction of predictions(QualityModel.fromPrior(prior)))
      expect(prediction).toBeCloseTo(0.7, 10);
  });

  test('a prior worth more ratings yields more slowly', () => {
    const after = (worth: number): number => {
      const model = QualityModel.fromPrior({ mean: 0.7, worth });
      model.learn(read('x'), bad);
      return model.predict(read('鲸鱼'));
    };
    expect(after(100)).toBeGreaterThan(after(10));
  });

  test('learns from few ratings what it is good at', () => {
    const model = QualityModel.fromPrior({ mean: 0.5, worth: 4 });
    for (let round = 0; round < 15; round += 1) {
      model.learn(read(`What is ${round} + ${round * 7}?`), good);
      model.learn(read(`Spell the ${'abcdefghijklmno'[round]}-word backwards`), bad);
    }
    expect(model.predict(read('What is 81 + 17?'))).toBeGreaterThan(0.75);
    expect(model.predict(read('Spell the whale-word backwards'))).toBeLessThan(0.25);
  });

  test('a rating of no weight teaches nothing', () => {
    const model = QualityModel.fromPrior(prior);
    model.learn(read('add 2 and 3'), { label: 0, weight: 0 });
    expectSame(model, QualityModel.fromPrior(prior), 10);
  });

  test('a lesson that is undone leaves the model as it was, and able to learn as before', () => {
    fc.assert(
      fc.property(history, rated, rated, (ratings, regretted, next) => {
        const [changed, expected] = [taught(ratings), taught(ratings)];
        changed.undo(changed.learn(read(regretted.text), regretted.rating));
        expect(changed.lessons).toBe(expected.lessons);
        expectSame(changed, expected);
        for (const model of [changed, expected]) model.learn(read(next.text), next.rating);
        expectSame(changed, expected, 4);
      }),
    );
  });

  test('an early lesson is undone without touching the later ones', () => {
    fc.assert(
      fc.property(history, rated, (ratings, regretted) => {
        const model = QualityModel.fromPrior(prior);
        const lesson = model.learn(read(regretted.text), regretted.rating);
        const later = ratings.map((each) => model.learn(read(each.text), each.rating));
        model.undo(lesson);
        const others = QualityModel.fromPrior(prior);
        for (const each of later) others.apply(each);
        expectSame(model, others);
      }),
    );
  });

  test('processes that exchange lessons agree, in whatever order the lessons come', () => {
    fc.assert(
      fc.property(history, history, (first, second) => {
        const [here, there] = [QualityModel.fromPrior(prior), QualityModel.fromPrior(prior)];
        const fromHere = first.map((each) => here.learn(read(each.text), each.rating));
        const fromThere = second.map((each) => there.learn(read(each.text), each.rating));
        for (const lesson of fromThere.toReversed()) here.apply(lesson);
        for (const lesson of fromHere) there.apply(lesson);
        expectSame(here, there);
      }),
    );
  });

  test('years of ratings neither overflow nor harden it', () => {
    const model = QualityModel.fromPrior(prior);
    const features = read('hi');
    for (let round = 0; round < 40_000; round += 1) model.learn(features, good);
    expect(model.predict(features)).toBeGreaterThan(0.9);
    for (let round = 0; round < 4_000; round += 1) model.learn(features, bad);
    expect(model.predict(features)).toBeLessThan(0.5);
  });

  test('a new version keeps a fifth of what was learned', () => {
    const model = taught(Array.from({ length: 50 }, () => ({ text: 'spell whale', rating: bad })));
    const [old, next] = [model, model.successor()].map((each) => each.predict(read('spell whale')));
    expect(next).toBeGreaterThan(old ?? 1);
    expect(next).toBeLessThan(0.7);
  });

  test('its weights take at most 130 kB', () => {
    const { weights, evidence } = QualityModel.fromPrior(prior).state();
    expect(weights.byteLength + evidence.byteLength).toBeLessThanOrEqual(130_000);
  });
});

describe('learning all ratings at once', () => {
  test('is the same for the same random numbers, and as good as learning one by one', () => {
    const ratings = Array.from({ length: 40 }, (_, at) => ({
      features: read(at % 2 === 0 ? `What is ${at} + 3?` : `Spell word${'x'.repeat(at)} backwards`),
      rating: at % 2 === 0 ? good : bad,
    }));
    const alternating = (): (() => number) => {
      let calls = 0;
      return () => ((calls += 1) * 0.618) % 1;
    };
    const [first, second] = [0, 1].map(() => fitModel(prior, ratings, alternating()));
    expect(first?.state()).toEqual(second?.state());
    expect(first?.lessons).toBe(40);
    expect(first?.predict(read('What is 8 + 9?'))).toBeGreaterThan(0.8);
    expect(first?.predict(read('Spell whale backwards'))).toBeLessThan(0.3);
  });

  test('without ratings it is the prior', () => {
    expectSame(
      fitModel(prior, [], () => 0),
      QualityModel.fromPrior(prior),
      10,
    );
  });
});

describe('bytes', () => {
  test('a model survives storage', () => {
    fc.assert(
      fc.property(history, (ratings) => {
        const state = taught(ratings).state();
        expect(stateFromBytes(stateToBytes(state))).toEqual(state);
      }),
      { numRuns: 10 },
    );
  });

  test('features and lessons survive storage, also from within a larger buffer', () => {
    fc.assert(
      fc.property(rated, ({ text, rating: given }) => {
        const lesson = QualityModel.fromPrior(prior).learn(read(text), given);
        const padded = new Uint8Array([7, ...lessonToBytes(lesson)]).subarray(1);
        expect(lessonFromBytes(padded)).toEqual(lesson);
        expect(featuresFromBytes(featuresToBytes(lesson.features))).toEqual(lesson.features);
      }),
    );
  });

  test('other bytes are refused, never misread', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const noise = Uint8Array.of(0xff, ...bytes);
        expect(stateFromBytes(noise)).toBeUndefined();
        expect(featuresFromBytes(noise)).toBeUndefined();
        expect(lessonFromBytes(noise)).toBeUndefined();
      }),
    );
    const whole = lessonToBytes(QualityModel.fromPrior(prior).learn(read('add 2 and 3'), good));
    for (let length = 0; length < whole.length; length += 1)
      expect(lessonFromBytes(whole.subarray(0, length))).toBeUndefined();
  });
});
