import { describe, expect, test } from 'vitest';
import { modelOf } from '../upstreams/testing.ts';
import { VersionWatch } from './version-watch.ts';

const model = { ...modelOf({}), id: 'house/sonnet', upstreamModel: 'sonnet-5' };

/** What the watch says of so many answers. */
const answers = (watch: VersionWatch, count: number, answered: string, of = model): string[] =>
  Array.from({ length: count }, () => watch.note(of, answered)).filter(
    (told) => told !== undefined,
  );

/** A watch that knows this version, and all gateways with it. */
function watchOf(answered: string): VersionWatch {
  const watch = new VersionWatch();
  for (const version of answers(watch, 1, answered)) watch.learn(model.id, version);
  answers(watch, 20, answered);
  return watch;
}

describe('a version', () => {
  test('is told at the first answer of a model of which none is known', () => {
    expect(answers(new VersionWatch(), 19, 'v1')).toHaveLength(1);
  });

  test('that is new is told after twenty answers in a row, and again until it is known', () => {
    const watch = watchOf('v1');
    expect(answers(watch, 19, 'v2')).toEqual([]);
    const [version = ''] = answers(watch, 1, 'v2');
    expect(version).not.toBe('');
    expect(answers(watch, 20, 'v2')).toEqual([version]);
    watch.learn(model.id, version);
    expect(answers(watch, 100, 'v2')).toEqual([]);
  });

  test('is doubted while the old one still answers now and then', () => {
    const watch = watchOf('v1');
    for (let round = 0; round < 20; round += 1) {
      expect(answers(watch, 19, 'v2')).toEqual([]);
      expect(answers(watch, 1, 'v1')).toEqual([]);
    }
  });

  test('that was seen before is not told again', () => {
    const watch = watchOf('v1');
    for (const version of answers(watch, 20, 'v2')) watch.learn(model.id, version);
    expect(answers(watch, 40, 'v2')).toEqual([]);
    expect(answers(watch, 40, 'v1')).toEqual([]);
  });

  test('is another one when the catalogue maps the model to another name', () => {
    const watch = watchOf('v1');
    const moved = { ...model, upstreamModel: 'sonnet-6' };
    expect(answers(watch, 20, 'v1', moved)).toHaveLength(1);
  });

  test('of a host that calls itself otherwise each time is none', () => {
    const watch = watchOf('v1');
    for (let count = 0; count < 200; count += 1)
      expect(watch.note(model, `answer ${count}`)).toBeUndefined();
  });
});
