/** What a response parser tells while bytes arrive. */
export interface ResponseSink {
  onBody(piece: Buffer): void;
  onEnd(status: number): void;
}

/** Feed it the bytes of one connection; it ends each response and is ready for the next. Throws on what is not HTTP/1.1. */
export interface ResponseParser {
  push(bytes: Buffer): void;
}

type State = 'head' | 'sized' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer';

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const NOTHING = Buffer.alloc(0);

/** As little of HTTP/1.1 as answers of gateways need: fixed lengths and chunks. */
export function createResponseParser(sink: ResponseSink): ResponseParser {
  let state: State = 'head';
  let status = 0;
  /** Bytes of the body or chunk still to come. */
  let remaining = 0;
  let rest: Buffer = NOTHING;

  function finish(): void {
    state = 'head';
    sink.onEnd(status);
  }

  function readHead(bytes: Buffer): number {
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) return -1;
    const head = bytes.toString('latin1', 0, end + 2);
    status = Number(head.slice(9, 12));
    if (!head.startsWith('HTTP/1.1 ') || !(status >= 200)) throw new Error('not an HTTP answer');
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
    if (length === undefined && !/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) {
      throw new Error('an answer without a length');
    }
    remaining = Number(length ?? 0);
    state = length === undefined ? 'chunk-size' : 'sized';
    if (length === '0') finish();
    return end + HEAD_END.length;
  }

  function readBody(bytes: Buffer): number {
    const piece = bytes.subarray(0, remaining);
    remaining -= piece.length;
    sink.onBody(piece);
    if (remaining > 0) return piece.length;
    if (state === 'chunk') state = 'chunk-end';
    else finish();
    return piece.length;
  }

  function readLine(bytes: Buffer): number {
    const end = bytes.indexOf(LINE_END);
    if (end < 0) return -1;
    if (state === 'chunk-size') {
      remaining = Number.parseInt(bytes.toString('latin1', 0, end), 16);
      if (Number.isNaN(remaining)) throw new Error('a chunk without a size');
      state = remaining === 0 ? 'trailer' : 'chunk';
    } else if (state === 'chunk-end') state = 'chunk-size';
    else if (end === 0) finish();
    return end + LINE_END.length;
  }

  /** Returns how many bytes it took; −1: it needs more to go on. */
  function step(bytes: Buffer): number {
    if (state === 'head') return readHead(bytes);
    if (state === 'sized' || state === 'chunk') return readBody(bytes);
    return readLine(bytes);
  }

  return {
    push(bytes) {
      let input = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      rest = NOTHING;
      while (input.length > 0) {
        const taken = step(input);
        if (taken < 0) {
          // A copy, because the socket reads the next bytes into the same buffer.
          rest = Buffer.from(input);
          return;
        }
        input = input.subarray(taken);
      }
    },
  };
}
