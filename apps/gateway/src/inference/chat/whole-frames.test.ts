import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WholeFrames } from './whole-frames.ts';

const text = fc
  .array(fc.constantFrom('data: a', '\n', '\r\n', '\n\n', '\r\n\r\n', 'é'), { maxLength: 30 })
  .map((parts) => parts.join(''));

test('however a stream is cut, every piece of it comes out once, in order, and in whole frames', () => {
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (all, sizes) => {
      const bytes = Buffer.from(all);
      const frames = new WholeFrames();
      const taken: Buffer[] = [];
      for (let at = 0, count = 0; at < bytes.length; count += 1) {
        const size = sizes[count % sizes.length] ?? 1;
        taken.push(frames.take(bytes.subarray(at, at + size)));
        at += size;
      }
      for (const one of taken) expect(one.toString()).toMatch(/^$|\n\r?\n$/);
      const rest = frames.rest();
      expect(rest.toString()).not.toMatch(/\n\r?\n/);
      expect(Buffer.concat([...taken, rest])).toEqual(bytes);
      expect(frames.pendingBytes).toBe(0);
    }),
  );
});

test('what it has handed out stays as it is', () => {
  const frames = new WholeFrames();
  frames.take(Buffer.from('data: '));
  const first = frames.take(Buffer.from('one\n\ndata: '));
  frames.take(Buffer.from('two\n\ndata: three'));
  expect(first.toString()).toBe('data: one\n\n');
});
