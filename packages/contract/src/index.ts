export { ChatCompletion, ChatCompletionChunk, GenerationFacts } from './chat-answer.ts';
export { ChatRequest, JudgedChatRequest } from './chat-request.ts';
export { EmbeddingList, EmbeddingsRequest, JudgedEmbeddingsRequest } from './embeddings.ts';
export {
  TAGS,
  type Caller,
  type Content,
  type Endpoint,
  type EndpointAnswer,
  type Tag,
} from './endpoint.ts';
export { ENDPOINTS } from './endpoints.ts';
export { ErrorEnvelope, StreamError } from './error-envelope.ts';
export { RateLimitHeaders, RetryHeaders, TraceHeaders } from './headers.ts';
export { Model, ModelFacts, ModelList } from './models.ts';
export { REFUSALS, type RefusalCode, type RefusalRow } from './refusals.ts';
export { SCHEMAS } from './schemas.ts';
export { SealedAnswer, SealedRequest } from './sealed.ts';
export {
  nanoUsd,
  parsePricePerMillion,
  parseUsd,
  picoUsdPerToken,
  printPricePerMillion,
  printUsd,
  type NanoUsd,
  type PicoUsdPerToken,
} from './usd.ts';
