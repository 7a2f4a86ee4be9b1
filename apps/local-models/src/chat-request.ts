import { z } from 'zod';
import { Problem } from './problem.ts';

const Content = z.union([
  z.string(),
  z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
]);

const TokenLimit = z.int().min(1).nullish();

/** The fields that mean something to these models; all others of OpenAI's are accepted and have no effect. */
const ChatBody = z.object({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: Content.nullish() })),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: TokenLimit,
  max_completion_tokens: TokenLimit,
  temperature: z.number().min(0).max(2).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string().min(1).max(64), z.array(z.string().min(1).max(64)).max(4)]).nullish(),
  n: z.literal(1, 'only one choice can be made').nullish(),
});

export interface ChatRequest {
  readonly model: string;
  /** The last message of the user: the models were trained on single questions. */
  readonly question: string;
  readonly isStream: boolean;
  readonly includesUsage: boolean;
  readonly maxTokens: number | undefined;
  readonly temperature: number;
  readonly seed: number | undefined;
  readonly stops: readonly string[];
}

export function parseChatRequest(text: string): ChatRequest {
  const body = parseBody(text);
  const lastOfUser = body.messages.findLast(({ role }) => role === 'user');
  if (!lastOfUser) throw invalid('messages', 'a message of the role "user" is needed');
  return {
    model: body.model,
    question: textOf(lastOfUser.content),
    isStream: body.stream ?? false,
    includesUsage: body.stream_options?.include_usage ?? false,
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    temperature: body.temperature ?? 0,
    seed: body.seed ?? undefined,
    stops: [body.stop ?? []].flat(),
  };
}

function parseBody(text: string): z.output<typeof ChatBody> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Problem('invalid_request', { message: 'The body is not JSON.' });
  }
  const parsed = ChatBody.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(issue?.path.join('.') ?? '', issue?.message ?? 'not valid');
}

function invalid(param: string, reason: string): Problem {
  return new Problem('invalid_request', { message: `${param || 'body'}: ${reason}`, param });
}

function textOf(content: z.output<typeof Content> | null | undefined): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('');
}
