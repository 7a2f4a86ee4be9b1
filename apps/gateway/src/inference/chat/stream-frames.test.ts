import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamFrames } from './stream-frames.ts';

const content = (text: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: text }, finish_reason: finish }] })}\n\n`;
const usage =
  'data: {"id":"c","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}}\n\n';
const done = 'data: [DONE]\n\n';
const facts = { generation_id: 'gen_1' };

function relay(
  pieces: readonly Buffer[],
  isUsageWanted: boolean,
): { text: string; frames: StreamFrames } {
  const frames = new StreamFrames(isUsageWanted);
  const passed = pieces.map((piece) => frames.push(piece));
  const ending = frames.ending();
  if (ending.kind === 'complete') passed.push(frames.close(facts));
  return { text: Buffer.concat(passed).toString(), frames };
}

const events = (text: string): unknown[] =>
  text
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: {'))
    .map((frame) => JSON.parse(frame.slice(6)));

describe('frames of an OpenAI stream', () => {
  const whole =
    content('Hel') + content('lo "[DONE]" "usage":{') + content('', 'stop') + usage + done;

  test('any cut of the bytes gives the same frames', () => {
    const expected = events(relay([Buffer.from(whole)], true).text);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const pieces = places
          .slice(1)
          .map((end, index) => Buffer.from(whole).subarray(places[index], end));
        const { text, frames } = relay(pieces, true);
        expect(events(text)).toEqual(expected);
        expect(frames.usage).toMatchObject({ input: 5, output: 3 });
        expect(text.endsWith(done)).toBe(true);
      }),
    );
  });

  test('content frames are passed on as the very bytes that came', () => {
    const odd =
      'data:  {"choices":[{"delta":{"content":"x"},"finish_reason":null}],"usage":null,"n":12345678901234567890}\r\n\r\n';
    const frames = new StreamFrames(false);
    expect(frames.push(Buffer.from(odd)).toString()).toBe(odd);
  });

  test('without include_usage the usage frame is kept back and the facts ride on the last choice', () => {
    const sent = events(relay([Buffer.from(whole)], false).text);
    expect(sent).toHaveLength(3);
    expect(sent[2]).toMatchObject({ choices: [{ finish_reason: 'stop' }], nexevo: facts });
    expect(JSON.stringify(sent)).not.toContain('prompt_tokens');
  });

  test('with include_usage the facts ride on the usage frame', () => {
    const sent = events(relay([Buffer.from(whole)], true).text);
    expect(sent[3]).toMatchObject({ choices: [], usage: { prompt_tokens: 5 }, nexevo: facts });
    expect(sent[2]).not.toHaveProperty('nexevo');
  });

  test('usage on the last choice frame becomes a frame of its own, or none', () => {
    const both = `data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n`;
    expect(events(relay([Buffer.from(content('a') + both + done)], false).text)).toHaveLength(2);
    const wanted = events(relay([Buffer.from(content('a') + both + done)], true).text);
    expect(wanted).toHaveLength(3);
    expect(wanted[2]).toMatchObject({ choices: [], usage: { completion_tokens: 2 } });
  });

  test('the finish frames of several choices all arrive, in order', () => {
    const second = content('', 'length').replace('"index":0', '"index":1');
    const sent = events(relay([Buffer.from(content('', 'stop') + second + done)], false).text);
    expect(sent).toMatchObject([
      { choices: [{ index: 0, finish_reason: 'stop' }] },
      { choices: [{ index: 1, finish_reason: 'length' }], nexevo: facts },
    ]);
  });

  test('a stream without [DONE] is complete when a finish reason came, and cut when not', () => {
    const finished = new StreamFrames(false);
    finished.push(Buffer.from(content('a') + content('', 'stop')));
    expect(finished.ending()).toEqual({ kind: 'complete' });
    const cut = new StreamFrames(false);
    cut.push(Buffer.from(content('a')));
    expect(cut.ending()).toEqual({ kind: 'cut' });
  });

  test('an error frame ends the stream and nothing after it is passed on', () => {
    const frames = new StreamFrames(false);
    const passed = frames.push(
      Buffer.from(`${content('a')}data: {"error":{"message":"boom"}}\n\n${content('b')}`),
    );
    expect(passed.toString()).toBe(content('a'));
    expect(frames.ending()).toEqual({ kind: 'error', error: { message: 'boom' } });
    expect(frames.push(Buffer.from(content('c')))).toHaveLength(0);
  });

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
        const frames = new StreamFrames(true);
        for (const piece of pieces) frames.push(Buffer.from(piece));
        frames.ending();
      }),
    );
  });
});
