import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerChat } from './answer-chat.ts';
import { parseChatRequest } from './chat-request.ts';
import type { LocalModel } from './model.ts';
import { Problem } from './problem.ts';
import { jsonReply, sendJson, sendProblem, streamReply } from './reply.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Longer than the callers' pools keep idle connections, so that they are the ones to close. */
const KEEP_ALIVE_MS = 60_000;

export interface ServerContext {
  readonly models: ReadonlyMap<string, LocalModel>;
  readonly now: () => number;
  readonly newId: () => string;
}

type Route = (ctx: ServerContext, request: IncomingMessage, response: ServerResponse) => unknown;

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /v1/models': listModels,
  'POST /v1/chat/completions': chat,
};

/** An OpenAI-compatible server over the loaded models. */
export function createModelServer(ctx: ServerContext): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void handle(ctx, request, response);
  });
}

async function handle(
  ctx: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const path = request.url?.split('?')[0] ?? '';
    const route = ROUTES[`${request.method ?? ''} ${path}`];
    if (!route) throw new Problem('not_found');
    await route(ctx, request, response);
  } catch (error) {
    if (!response.destroyed) sendProblem(response, error);
  }
}

function listModels(ctx: ServerContext, _request: IncomingMessage, response: ServerResponse): void {
  const data = [...ctx.models.keys()].map((id) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'sealgate',
  }));
  sendJson(response, 200, { object: 'list', data });
}

async function chat(
  ctx: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  const chatRequest = parseChatRequest(await readBody(request));
  const model = ctx.models.get(chatRequest.model);
  if (!model) throw new Problem('model_not_found', { param: 'model' });
  const head = {
    id: `chatcmpl-${ctx.newId()}`,
    created: Math.floor(ctx.now() / 1000),
    model: chatRequest.model,
  };
  const reply = chatRequest.isStream
    ? streamReply(response, head, chatRequest.includesUsage)
    : jsonReply(response, head);
  await answerChat(model, chatRequest, reply, left.signal);
}

/** Reads to the end even what is too large, because a caller still writing would not see the answer. */
async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size <= MAX_BODY_BYTES) pieces.push(piece);
  }
  if (size > MAX_BODY_BYTES) throw new Problem('body_too_large');
  return Buffer.concat(pieces).toString();
}
