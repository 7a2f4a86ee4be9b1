import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  chunk,
  completion,
  frame,
  frames,
  hangingStream,
  json,
  reset,
  silence,
  stream,
  type Script,
} from './upstream.ts';

const MEBIBYTE = 1024 * 1024;
/** One more than a frame may have. */
const OVERSIZED_BYTES = 17 * MEBIBYTE;

const BEGUN = frames(['one ', 'two ']).slice(0, 3);

/** Everything that a bad host may do to a request, whole or streamed. None of it is an answer. */
export const FAULTS: Readonly<Record<string, Script>> = {
  hangs: silence,
  'hangs after its head': hangingStream([]),
  'hangs in the middle': hangingStream(BEGUN),
  resets: reset,
  'resets in the middle': stream(BEGUN, { isCut: true }),
  'ends too early': stream(BEGUN),
  'ends without a word': stream([]),
  'limits for a moment': json(
    429,
    { error: { message: 'slow down' } },
    { 'retry-after-ms': '150' },
  ),
  'answers 500': json(500, { error: { message: 'sorry' } }),
  'answers 503 and when it is back': json(503, {}, { 'retry-after-ms': '150', 'retry-after': '1' }),
  'answers 404': json(404, { error: { message: 'no such model' } }),
  'answers a page': (_request, response) => void response.end('<html>'),
  'answers something else': json(200, { object: 'list', data: [] }),
  'breaks off its JSON': truncated(JSON.stringify(completion('never to be seen'))),
  'streams garbage': stream([...BEGUN, 'data: {"usage": {"a\n\n', 'data: [DONE]\n\n']),
  'streams an error': stream([frame({ error: { message: 'overloaded' } })]),
  'streams an error late': stream([...BEGUN, frame({ error: { message: 'overloaded' } })]),
  'sends a frame without end': oversized,
  'trickles below the silence limit': trickle(100),
  'trickles above it': trickle(1_000),
};

/** Says how long it is, sends half of it and hangs up. */
function truncated(text: string): Script {
  return (_request, response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(text.length),
    });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  };
}

async function oversized(_request: unknown, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const frame = function* (): Generator<string> {
    yield 'data: {"choices": "';
    for (let sent = 0; sent < OVERSIZED_BYTES; sent += MEBIBYTE) yield 'a'.repeat(MEBIBYTE);
  };
  // That the gateway hangs up is what is wanted.
  await pipeline(Readable.from(frame()), response).catch(() => undefined);
}

/** A good stream, one byte at a time. */
function trickle(everyMs: number): Script {
  const bytes = Buffer.from([chunk({ content: 'word' }), ...frames(['word'])].join(''));
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const timer = setInterval(() => {
      response.write(bytes.subarray(sent, sent + 1));
      sent += 1;
    }, everyMs);
    response.once('close', () => clearInterval(timer));
  };
}
