import type { Endpoint } from '@sealgate/contract';
import type { Context } from 'hono';
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';
import type { Env } from '../env.ts';
import type { FullAnswer } from './row-types.ts';

const JSON_TYPE = 'application/json';

/** Spells out the short forms of `AnswerOf`. */
export function fullAnswer(row: Endpoint, answer: unknown): FullAnswer {
  const [[status, promised] = [], ...others] = Object.entries(row.answers);
  const types = Object.keys(promised?.content ?? {});
  if (others.length > 0 || types.length > 1 || (types[0] ?? JSON_TYPE) !== JSON_TYPE) {
    return answer as FullAnswer;
  }
  return types.length === 0
    ? { status: Number(status) }
    : { status: Number(status), contentType: JSON_TYPE, body: answer };
}

/** Through the row's schema: what the contract does not name does not leave the house. */
export function printAnswer(http: Context<Env>, row: Endpoint, answer: FullAnswer): Response {
  const { status, contentType, body, headers } = answer;
  if (contentType === undefined) return http.body(null, status as StatusCode, { ...headers });
  if (isStream(body)) {
    return http.body(streamOf(body), status as ContentfulStatusCode, {
      'content-type': contentType,
      ...headers,
    });
  }
  if (body instanceof Uint8Array) {
    return http.body(Uint8Array.from(body), status as ContentfulStatusCode, {
      'content-type': contentType,
      ...headers,
    });
  }
  const schema = row.answers[status]?.content[contentType];
  if (schema === undefined) throw new Error(`impossible: ${status} ${contentType} is not promised`);
  const printed = schema.parse(body);
  const text = contentType === JSON_TYPE ? JSON.stringify(printed) : String(printed);
  return http.body(text, status as ContentfulStatusCode, {
    'content-type': contentType,
    ...headers,
  });
}

const isStream = (body: unknown): body is AsyncIterable<string> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

/** Each piece is made when the caller has room for it, and no more of them once the caller has left. */
function streamOf(texts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const pieces = texts[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(Buffer.from(value));
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
