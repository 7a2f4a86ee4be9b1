import type { IncomingMessage } from 'node:http';
import { Refusal } from '../../platform/refusal.ts';

/** Reads a whole body. Throws `payload_too_large` as soon as that is known, and leaves the rest of the body unread. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= maxBytes) return;
      request.removeAllListeners('data');
      request.pause();
      reject(tooLarge(maxBytes));
    });
    request.on('end', () => {
      const [only] = chunks;
      resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks, bytes));
    });
    request.on('error', reject);
    request.on('aborted', () => reject(new Refusal('request_timeout')));
  });
}

const tooLarge = (maxBytes: number): Refusal =>
  new Refusal('payload_too_large', {
    message: `The request body is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB.`,
    facts: { limit: maxBytes },
  });
