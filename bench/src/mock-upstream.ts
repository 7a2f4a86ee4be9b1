// A process of its own: an upstream that costs next to nothing, so that what is measured is the gateway.
// A request without `"stream":true` gets a prebuilt JSON answer. A stream gets `max_tokens` chunks, the first at once,
// then one every `seed` milliseconds, each with the moment of sending in it.
import { createServer, type Socket } from 'node:net';
import { markNow } from './load.ts';

const USAGE = { prompt_tokens: 32, completion_tokens: 200, total_tokens: 232 };
const HEAD = { id: 'chatcmpl-bench', created: 1_700_000_000, model: 'bench' };
/** Makes the whole answer about one kilobyte. */
const ANSWER_TEXT = 'All that is gold does not glitter. '.repeat(20);

const JSON_ANSWER = jsonAnswer();
const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const STREAM_END =
  chunk({ ...chunkHead(), choices: [choice({}, 'stop')] }) +
  chunk({ ...chunkHead(), choices: [], usage: USAGE }) +
  httpChunk('data: [DONE]\n\n') +
  '0\r\n\r\n';
const HEAD_END = Buffer.from('\r\n\r\n');
const IS_STREAM = /"stream": ?true/;

function jsonAnswer(): Buffer {
  const message = { role: 'assistant', content: ANSWER_TEXT };
  const body = JSON.stringify({
    ...HEAD,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: USAGE,
  });
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body);
}

function chunkHead(): object {
  return { ...HEAD, object: 'chat.completion.chunk' };
}

function choice(delta: object, finishReason: string | null = null): object {
  return { index: 0, delta, finish_reason: finishReason };
}

function chunk(event: object): string {
  return httpChunk(`data: ${JSON.stringify(event)}\n\n`);
}

function httpChunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

const [beforeMark = '', afterMark = ''] = chunk({
  ...chunkHead(),
  choices: [choice({ content: markNow() })],
}).split(/@\d{16}/);

function startStream(socket: Socket, body: string): void {
  const count = Number(/"max_tokens": ?(\d+)/.exec(body)?.[1] ?? 10);
  const intervalMs = Number(/"seed": ?(\d+)/.exec(body)?.[1] ?? 20);
  let sent = 1;
  socket.write(STREAM_HEAD + beforeMark + markNow() + afterMark);
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    if (sent < count) {
      socket.write(beforeMark + markNow() + afterMark);
      sent += 1;
      return;
    }
    clearInterval(timer);
    socket.write(STREAM_END);
  }, intervalMs);
}

function answer(socket: Socket, body: string): void {
  if (IS_STREAM.test(body)) startStream(socket, body);
  else socket.write(JSON_ANSWER);
}

/** Length of the first whole request in `bytes`, and where its body begins; undefined while it is not whole. */
function measure(bytes: Buffer): { start: number; end: number } | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, headEnd))?.[1];
  const start = headEnd + HEAD_END.length;
  if (length !== undefined) {
    const end = start + Number(length);
    return end <= bytes.length ? { start, end } : undefined;
  }
  // A chunked request: its end mark is all that matters here.
  const last = bytes.indexOf('\r\n0\r\n\r\n', start);
  return last < 0 ? undefined : { start, end: last + 7 };
}

const server = createServer({ noDelay: true }, (socket) => {
  let bytes: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece: Buffer) => {
    bytes = bytes.length === 0 ? piece : Buffer.concat([bytes, piece]);
    for (let found = measure(bytes); found; found = measure(bytes)) {
      const body = bytes.toString('latin1', found.start, found.end);
      bytes = bytes.subarray(found.end);
      answer(socket, body);
    }
  });
});

server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => {
  process.send?.(server.address());
});
process.once('disconnect', () => process.exit(0));
