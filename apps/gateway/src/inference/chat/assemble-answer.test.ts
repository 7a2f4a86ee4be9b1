import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunk, frame, frames, usageFrame } from '../../../../../e2e/fakes/upstream.ts';
import { NO_TOKENS } from '../../customers/billing/index.ts';
import { assembleAnswer } from './assemble-answer.ts';
import type { MeasuredUsage } from './measure-usage.ts';
import { streamOf } from './replay.ts';
import { StreamFrames } from './stream-frames.ts';

const MEASURED: MeasuredUsage = {
  usage: { ...NO_TOKENS, input: 11, output: 7, cachedInput: 3, reasoning: 2 },
  usageSource: 'upstream',
};

/** What a caller gets of this stream. */
function passedOn(pieces: readonly Buffer[]): Buffer {
  const through = new StreamFrames(false);
  const passed = pieces.map((piece) => through.push(piece));
  expect(through.ending()).toEqual({ kind: 'complete' });
  return Buffer.concat([...passed, through.close({ generation_id: 'gen_1' })]);
}

const assemble = (pieces: readonly string[], measured = MEASURED): Promise<string | undefined> =>
  assembleAnswer(passedOn(pieces.map((piece) => Buffer.from(piece))), measured);

describe('a stream', () => {
  test('becomes the answer that it would have been, with what it used and without our facts', async () => {
    const text = await assemble(frames(['Hello, ', 'world \u{1F600}"\n']));
    expect(JSON.parse(text ?? '')).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'model-a',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello, world \u{1F600}"\n' },
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 11,
        completion_tokens: 7,
        total_tokens: 18,
        prompt_tokens_details: { cached_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    });
  });

  test('keeps its reasoning apart from its answer, and takes no count of ours for the upstream’s', async () => {
    const pieces = [
      chunk({ role: 'assistant', content: null, reasoning_content: 'Hm' }),
      chunk({ reasoning_content: '.' }),
      chunk({ content: '4' }),
      chunk({}, 'stop'),
      'data: [DONE]\n\n',
    ];
    const text = await assemble(pieces, { ...MEASURED, usageSource: 'estimated' });
    const answer = JSON.parse(text ?? '') as Record<string, unknown>;
    expect(answer).toMatchObject({
      choices: [{ message: { content: '4', reasoning_content: 'Hm.' } }],
    });
    expect(answer).not.toHaveProperty('usage');
  });

  test.each<[string, readonly string[]]>([
    ['a tool call', [chunk({ tool_calls: [{ index: 0, id: 'c' }] })]],
    ['audio', [chunk({ audio: { id: 'a' } })]],
    [
      'log probabilities',
      [frame({ choices: [{ index: 0, delta: {}, logprobs: { content: [] } }] })],
    ],
    ['a second choice', [frame({ choices: [{ index: 1, delta: { content: 'x' } }] })]],
    ['a frame that is no JSON', ['data: {"choices": [}\n\n']],
  ])('with %s is not put together', async (_what, pieces) => {
    const text = await assemble([...pieces, ...frames(['x']).slice(1)]);
    expect(text).toBeUndefined();
  });
});

test('whatever was said, in whatever pieces: a stream, kept and streamed again, says the same', async () => {
  const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(words, fc.constantFrom('stop', 'length'), async (said, finish) => {
      const pieces = [
        chunk({ role: 'assistant', content: '' }),
        ...said.map((content) => chunk({ content })),
        chunk({}, finish),
        usageFrame(7),
        'data: [DONE]\n\n',
      ];
      const first = await assemble(pieces);
      const again = await assembleAnswer(passedOn([streamOf(first ?? '')]), MEASURED);
      expect(again).toBe(first);
      expect(JSON.parse(first ?? '')).toMatchObject({
        choices: [{ message: { content: said.join('') }, finish_reason: finish }],
      });
    }),
  );
});
