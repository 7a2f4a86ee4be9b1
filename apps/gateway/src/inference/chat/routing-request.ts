import { hash } from 'node:crypto';
import type { Prompt, RoutingRequest } from '../routing/index.ts';
import type { ChatRequest } from './chat-request.ts';

/** A guess that is the same for every model, good enough to weigh their prices. */
const BYTES_PER_TOKEN = 4;
const TOKENS_PER_IMAGE = 800;

/** What the router may know of a chat that asks for a tier under this name. */
export function routingRequestOf(
  request: ChatRequest,
  { asked, organizationId }: { readonly asked: string; readonly organizationId: string },
): RoutingRequest {
  const { attachments, bodyText, conversationId } = request;
  const textBytes = Buffer.byteLength(bodyText) - attachments.inlineBytes;
  return {
    organizationId,
    readPrompt: () => readPrompt(request),
    inputTokens: textBytes / BYTES_PER_TOKEN + attachments.imageCount * TOKENS_PER_IMAGE,
    maxOutputTokens: request.maxOutputTokens && request.maxOutputTokens * request.choiceCount,
    choiceCount: request.choiceCount,
    isStream: request.isStream,
    explores: request.explores,
    conversation:
      conversationId === undefined
        ? undefined
        : hash('sha256', `${organizationId}\n${asked}\n${conversationId}`, 'base64url').slice(
            0,
            16,
          ),
  };
}

interface Message {
  readonly role?: unknown;
  readonly content?: unknown;
}

function readPrompt({ body, capabilities, attachments, maxOutputTokens }: ChatRequest): Prompt {
  const messages = body['messages'] as readonly Message[];
  const ofUser = messages.filter(({ role }) => role === 'user');
  return {
    text: textOf(ofUser.at(-1)?.content),
    hasTools: capabilities.has('tools'),
    hasImages: attachments.imageCount > 0,
    systemChars: messages.reduce(
      (chars, { role, content }) => (SYSTEM.has(role) ? chars + textOf(content).length : chars),
      0,
    ),
    turn: Math.max(1, ofUser.length),
    maxTokens: maxOutputTokens,
  };
}

const SYSTEM: ReadonlySet<unknown> = new Set(['system', 'developer']);

/** Of a message's content, whatever a caller made of it. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .flatMap((part: { readonly text?: unknown } | null) =>
      typeof part?.text === 'string' ? part.text : [],
    )
    .join('\n');
}
