import { NO_TOKENS, type TokenUsage } from '../../customers/billing/index.ts';
import type { Model } from '../upstreams/index.ts';
import type { ChatRequest } from './chat-request.ts';

/** What one model may use at most for a request. */
export interface Bounds {
  readonly tokens: TokenUsage;
  /** Sent to the upstream as its limit because the caller gave none; `undefined`: the caller's own limit holds, if any. */
  readonly appliedMaxOutputTokens: number | undefined;
}

/** Templates put words of their own around messages, and more around tools. */
const TEMPLATE_TOKENS = 128;
const TOOL_TEMPLATE_TOKENS = 1_024;
/** Of the dearest way in which any provider looks at one image. */
const TOKENS_PER_IMAGE = 5_000;
/** Audio of the lowest common quality has more bytes a token than this. */
const AUDIO_BYTES_PER_TOKEN = 32;
/** Pages are read as text and as images: a short file may count for more than its length. */
const TOKENS_PER_FILE_BYTE = 2;
const DEFAULT_CONTEXT_LENGTH = 200_000;

/** No tokenizer makes more tokens of a text than it has bytes, so that the length of the body bounds the input. */
export function boundsOf(
  request: ChatRequest,
  model: Model,
  defaultMaxOutputTokens: number,
): Bounds {
  const input = inputBound(request, model);
  const images = request.attachments.imageCount;
  if (!request.capabilities.has('chat')) {
    return { tokens: { ...NO_TOKENS, input, images }, appliedMaxOutputTokens: undefined };
  }
  const applied = model.defaultMaxOutputTokens ?? defaultMaxOutputTokens;
  const ours = Math.min(applied, model.maxOutputTokens ?? applied);
  const output = (request.maxOutputTokens ?? ours) * request.choiceCount;
  return {
    tokens: { ...NO_TOKENS, input, images, output },
    appliedMaxOutputTokens: request.maxOutputTokens === undefined ? ours : undefined,
  };
}

function inputBound({ bodyText, attachments, capabilities }: ChatRequest, model: Model): number {
  const textBytes = Buffer.byteLength(bodyText) - attachments.inlineBytes;
  const remote = attachments.remoteFileCount * (model.contextLength ?? DEFAULT_CONTEXT_LENGTH);
  return (
    TEMPLATE_TOKENS +
    (capabilities.has('tools') ? TOOL_TEMPLATE_TOKENS : 0) +
    textBytes +
    attachments.imageCount * TOKENS_PER_IMAGE +
    Math.ceil(attachments.audioBytes / AUDIO_BYTES_PER_TOKEN) +
    attachments.fileBytes * TOKENS_PER_FILE_BYTE +
    remote
  );
}
