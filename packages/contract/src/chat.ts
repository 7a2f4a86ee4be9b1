import { z } from 'zod';
import { ChatCompletion, ChatCompletionChunk } from './chat-answer.ts';
import { ChatRequest } from './chat-request.ts';
import { endpoint, INFERENCE_REFUSALS } from './endpoint.ts';
import { StreamError } from './error-envelope.ts';
import { CacheHeaders, GenerationHeaders, UsageHeaders } from './headers.ts';

/** The `data` of an event. The stream of a complete answer ends with `data: [DONE]`; one that broke, with an error. */
export const ChatStreamEvent = z.union([ChatCompletionChunk, StreamError]);

export const createChatCompletion = endpoint({
  method: 'POST',
  path: '/v1/chat/completions',
  tag: 'chat',
  summary: 'Answer a chat',
  description:
    'OpenAI’s request and answer. Fields that are not described are passed on to the model provider. With `stream: true` the answer is a stream of server-sent events that ends with `data: [DONE]`; a stream that breaks ends with an `error` event instead.',
  caller: 'key',
  request: { headers: CacheHeaders, body: { 'application/json': ChatRequest } },
  answers: {
    200: {
      description: 'The answer, whole or as a stream.',
      headers: GenerationHeaders.extend(UsageHeaders.shape),
      content: { 'application/json': ChatCompletion, 'text/event-stream': ChatStreamEvent },
    },
  },
  refusals: [...INFERENCE_REFUSALS, 'max_price_unsatisfiable'],
});
