import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ServerSentEventDecoder } from './server-sent-events.ts';

function decode(...pieces: readonly string[]): string[][] {
  const decoder = new ServerSentEventDecoder();
  return pieces.flatMap((piece) => decoder.push(piece)).map(({ event, data }) => [event, data]);
}

describe('event streams', () => {
  test('lines may end in LF, CR or CRLF', () => {
    for (const end of ['\n', '\r', '\r\n']) {
      expect(decode(`data: a${end}${end}data: b${end}${end}`)).toEqual([
        ['message', 'a'],
        ['message', 'b'],
      ]);
    }
  });

  test('lines of data are joined, comments and unknown fields mean nothing', () => {
    const text = ': keep-alive\nid: 7\nretry: 3\nevent: error\ndata: a\ndata:b\ndata\ndata:  c\n\n';
    expect(decode(text)).toEqual([['error', 'a\nb\n\n c']]);
  });

  test('a name without data is no event and does not leak into the next one', () => {
    expect(decode('event: ping\n\ndata: a\n\n')).toEqual([['message', 'a']]);
  });

  test('an event without its blank line is not complete', () => {
    expect(decode('data: a\n')).toEqual([]);
  });

  test('where the network cuts makes no difference', () => {
    const text = fc.string({
      unit: fc.constantFrom('data: x', 'event: y', ':', '\r', '\n', '\r\n', 'é'),
    });
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (whole, cuts) => {
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), Infinity];
        const pieces = bounds.slice(1).map((end, index) => whole.slice(bounds[index], end));
        expect(decode(...pieces)).toEqual(decode(whole));
      }),
    );
  });
});
