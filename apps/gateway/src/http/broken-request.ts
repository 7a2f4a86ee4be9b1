import type { RefusalCode } from '@sealgate/contract';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Refusal } from '../platform/refusal.ts';
import { refusalResponse } from './refusal-response.ts';

/** Answers what is no HTTP request, or did not become one in time, in our envelope; Node's own answer has no body. */
export function answerBrokenRequest(socket: Duplex, error: NodeJS.ErrnoException): void {
  const { status, headers, body } = refusalResponse(refusalOfBroken(error.code));
  const head = Object.entries({
    ...headers,
    connection: 'close',
    'content-length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const statusLine = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  socket.end(`${statusLine}${head.join('')}\r\n${body}`, () => socket.destroy());
}

const FAULTS: ReadonlyMap<string | undefined, RefusalCode> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request_timeout'],
  ['HPE_HEADER_OVERFLOW', 'headers_too_large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'payload_too_large'],
]);

function refusalOfBroken(fault: string | undefined): Refusal {
  const code = FAULTS.get(fault);
  return code === undefined ? malformed() : new Refusal(code);
}

export const malformed = (): Refusal =>
  new Refusal('invalid_request_error', { message: 'This is not a well-formed HTTP request.' });
