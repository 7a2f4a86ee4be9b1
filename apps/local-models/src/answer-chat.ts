import type { Token } from 'node-llama-cpp';
import { CONTEXT_LENGTH, MAX_OUTPUT_TOKENS } from './bundled-models.ts';
import type { ChatRequest } from './chat-request.ts';
import { complete, type Ending } from './complete.ts';
import { introduction } from './introduction.ts';
import type { LocalModel } from './model.ts';
import { Problem } from './problem.ts';
import type { Reply } from './reply.ts';
import { recognizeTask } from './tasks.ts';

/** Walks one request: recognise the task, wait for the model, generate, count. */
export async function answerChat(
  model: LocalModel,
  request: ChatRequest,
  reply: Reply,
  signal: AbortSignal,
): Promise<void> {
  const task = recognizeTask(request.question);
  const prompt = model.promptOf(task?.question ?? request.question);
  refuseTooLong(prompt.length);
  const answer = task ? generate : introduce;
  const { finishReason, completionTokens } = await answer({
    model,
    prompt,
    request,
    reply,
    signal,
  });
  reply.end(finishReason, {
    prompt_tokens: prompt.length,
    completion_tokens: completionTokens,
    total_tokens: prompt.length + completionTokens,
  });
}

interface Walk {
  readonly model: LocalModel;
  readonly prompt: Token[];
  readonly request: ChatRequest;
  readonly reply: Reply;
  readonly signal: AbortSignal;
}

async function generate({ model, prompt, request, reply, signal }: Walk): Promise<Ending> {
  const maxTokens = Math.min(request.maxTokens ?? Infinity, CONTEXT_LENGTH - prompt.length);
  const endTurn = await model.turns.take(signal);
  try {
    reply.begin();
    const limits = { maxTokens, stops: request.stops, signal };
    return await complete(model.evaluate(prompt, request), limits, reply.text);
  } finally {
    endTurn();
  }
}

async function introduce({ model, request, reply, signal }: Walk): Promise<Ending> {
  const maxTokens = Math.min(request.maxTokens ?? Infinity, MAX_OUTPUT_TOKENS);
  const words = introduction(model.bundled).split(/(?<= )/);
  reply.begin();
  const limits = { maxTokens, stops: request.stops, signal };
  return complete(
    words.map((word) => model.tokenize(word)),
    limits,
    reply.text,
  );
}

function refuseTooLong(promptTokens: number): void {
  if (promptTokens < CONTEXT_LENGTH) return;
  throw new Problem('context_length_exceeded', {
    message:
      `This model's maximum context length is ${CONTEXT_LENGTH} tokens (bytes, for this tiny model), ` +
      `but the last user message takes ${promptTokens}. Add a real model for longer prompts.`,
    param: 'messages',
  });
}
