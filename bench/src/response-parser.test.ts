import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createResponseParser } from './response-parser.ts';

function chunked(pieces: readonly string[]): string {
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`;
}

function sized(body: string): string {
  return `HTTP/1.1 429 Too Many\r\nContent-Length: ${body.length}\r\nX-A: b\r\n\r\n${body}`;
}

function parse(pieces: readonly string[]): { status: number; body: string }[] {
  const answers: { status: number; body: string }[] = [];
  let body = '';
  const parser = createResponseParser({
    onBody: (piece) => (body += piece.toString('latin1')),
    onEnd(status) {
      answers.push({ status, body });
      body = '';
    },
  });
  for (const piece of pieces) parser.push(Buffer.from(piece, 'latin1'));
  return answers;
}

describe('createResponseParser', () => {
  it('reads answers of both kinds, however the bytes arrive', () => {
    const text = chunked(['data: a\r\n\r\n', 'b']) + sized('{"x":1}') + sized('') + chunked([]);
    const answers = [
      { status: 200, body: 'data: a\r\n\r\nb' },
      { status: 429, body: '{"x":1}' },
      { status: 429, body: '' },
      { status: 200, body: '' },
    ];
    expect(parse([text])).toEqual(answers);
    expect(parse(text.split(''))).toEqual(answers);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), (first, second) => {
        const [low, high] = [Math.min(first, second), Math.max(first, second)];
        const pieces = [text.slice(0, low), text.slice(low, high), text.slice(high)];
        expect(parse(pieces)).toEqual(answers);
      }),
    );
  });

  it.each(['SSH-2.0\r\n\r\n', 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n'])('throws at %j', (text) => {
    expect(() => parse([text])).toThrow('answer');
  });
});
