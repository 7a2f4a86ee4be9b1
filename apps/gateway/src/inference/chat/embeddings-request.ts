import { Refusal } from '../../platform/refusal.ts';
import { editMembers } from '../upstreams/index.ts';
import { NO_ATTACHMENTS } from './attachments.ts';
import { readCacheWish } from './cache-wish.ts';
import { parseObject, readModel, type ChatRequest } from './chat-request.ts';

/** Reads the body of `POST /v1/embeddings` into the same shape as a chat, so that it passes the same gate. */
export function readEmbeddingsRequest(text: string, cacheHeader?: string): ChatRequest {
  const body = parseObject(text);
  const model = readModel(body['model'], 'model');
  const { input } = body;
  const isInput =
    typeof input === 'string' ? input !== '' : Array.isArray(input) && input.length > 0;
  if (!isInput) {
    throw new Refusal('invalid_request_error', {
      param: 'input',
      message: 'input must be a text that is not empty, or a list of texts or token lists.',
    });
  }
  return {
    bodyText: Object.hasOwn(body, 'cache') ? editMembers(text, { cache: undefined }) : text,
    body,
    isStream: false,
    isUsageWanted: false,
    modelsAsked: [model],
    maxPrice: { prompt: undefined, completion: undefined, total: undefined },
    provider: { dataCollection: 'allow', only: undefined, ignore: [] },
    capabilities: new Set(['embeddings']),
    maxOutputTokens: undefined,
    choiceCount: 1,
    attachments: NO_ATTACHMENTS,
    cacheWish: readCacheWish(body['cache'], cacheHeader),
    explores: false,
    learns: undefined,
    conversationId: undefined,
  };
}
