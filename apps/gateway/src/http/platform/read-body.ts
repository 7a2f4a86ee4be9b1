import type { Context } from 'hono';
import { Refusal } from '../../platform/refusal.ts';
import type { Env } from '../env.ts';

const DEFAULT_MAX_BYTES = 64 * 1024;
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/**
 * The body as text. Only `application/json`: a page of another site cannot send that without being asked first, whatever
 * cookies its visitor has.
 */
export async function readBodyText(
  context: Context<Env>,
  maxBytes: number = DEFAULT_MAX_BYTES,
): Promise<string> {
  if (!JSON_TYPE.test(context.req.header('content-type') ?? '')) {
    throw new Refusal('invalid_request_error', {
      message: 'Send the body as JSON, with the header "Content-Type: application/json".',
    });
  }
  const bytes = await readBodyBytes(context, maxBytes);
  return bytes.toString('utf8');
}

/** The body as it came, of whatever type. */
export async function readBodyBytes(context: Context<Env>, maxBytes: number): Promise<Buffer> {
  if (Number(context.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of context.req.raw.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

const tooLarge = (maxBytes: number): Refusal =>
  new Refusal('payload_too_large', {
    message: `The request body is larger than ${Math.floor(maxBytes / 1024)} KB.`,
    facts: { limit: maxBytes },
  });
