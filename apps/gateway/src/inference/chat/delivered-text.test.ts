import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeliveredText } from './delivered-text.ts';

const frame = (delta: object, extra: object = {}): Buffer =>
  Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta, ...extra }] })}\n\n`);

const delivered = (...frames: readonly Buffer[]): DeliveredText => {
  const text = new DeliveredText();
  for (const each of frames) text.note(each);
  return text;
};

describe('what a stream has said', () => {
  test('is what its deltas say, whatever characters are in it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 10 }), (pieces) => {
        const text = delivered(...pieces.map((content) => frame({ content })));
        expect(text.text()).toBe(pieces.join(''));
        expect(text.isEmpty).toBe(pieces.join('') === '');
      }),
    );
  });

  test('includes thoughts, refusals, and names and arguments of tools, also with spaces in the JSON', () => {
    const calls = [{ index: 0, function: { name: 'add', arguments: '{"a":1}' } }];
    const text = delivered(
      frame({ reasoning_content: 'Hm. ' }),
      frame({ refusal: 'No. ' }),
      frame({ tool_calls: calls }),
      Buffer.from('data: {"choices": [{"delta": {"content": "Yes \\"!\\""}}]}\n\n'),
    );
    expect(text.text()).toBe('Hm. No. add{"a":1}Yes "!"');
  });

  test('is nothing where only roles, ids and empty strings came; a picture is something', () => {
    const quiet = [frame({ role: 'assistant', content: '' }), frame({ content: null })];
    expect(delivered(...quiet).isEmpty).toBe(true);
    expect(delivered(...quiet, frame({ images: [{ type: 'image_url' }] })).isEmpty).toBe(false);
    expect(delivered(...quiet, frame({ audio: { data: 'UklGR' } })).isEmpty).toBe(false);
  });

  test('is kept within bounds; what lies beyond is counted by its length', () => {
    const piece = frame({ content: 'x'.repeat(10_000) });
    const text = delivered(...Array.from({ length: 20 }, () => piece));
    expect(text.text().length + text.bytesNotKept).toBe(200_000);
    expect(text.text().length).toBeLessThanOrEqual(64 * 1024);
  });
});
