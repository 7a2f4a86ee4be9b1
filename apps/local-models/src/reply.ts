import type { ServerResponse } from 'node:http';
import type { Ending } from './complete.ts';
import { Problem } from './problem.ts';

export interface ReplyHead {
  readonly id: string;
  /** Seconds since the Unix epoch. */
  readonly created: number;
  readonly model: string;
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** How one completion is told: as one JSON object or as a stream of events. */
export interface Reply {
  readonly begin: () => void;
  readonly text: (text: string) => void;
  readonly end: (finishReason: Ending['finishReason'], usage: Usage) => void;
}

export function jsonReply(response: ServerResponse, head: ReplyHead): Reply {
  let content = '';
  return {
    begin() {},
    text(text) {
      content += text;
    },
    end(finishReason, usage) {
      const message = { role: 'assistant', content, refusal: null };
      const choice = { index: 0, message, logprobs: null, finish_reason: finishReason };
      sendJson(response, 200, {
        id: head.id,
        object: 'chat.completion',
        created: head.created,
        model: head.model,
        choices: [choice],
        usage,
      });
    },
  };
}

export function streamReply(
  response: ServerResponse,
  head: ReplyHead,
  includesUsage: boolean,
): Reply {
  const chunk = (choices: readonly object[], usage: Usage | null = null): void =>
    sendEvent(response, {
      id: head.id,
      object: 'chat.completion.chunk',
      created: head.created,
      model: head.model,
      choices,
      ...(includesUsage ? { usage } : {}),
    });
  const choice = (delta: object, finishReason: Ending['finishReason'] | null = null): object => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason: finishReason,
  });
  return {
    begin() {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
      });
      chunk([choice({ role: 'assistant', content: '' })]);
    },
    text(text) {
      chunk([choice({ content: text })]);
    },
    end(finishReason, usage) {
      chunk([choice({}, finishReason)]);
      if (includesUsage) chunk([], usage);
      response.end('data: [DONE]\n\n');
    },
  };
}

/** Before the first byte an error is a status; after it, an event and the end without `[DONE]`. */
export function sendProblem(response: ServerResponse, error: unknown): void {
  const problem = error instanceof Problem ? error : new Problem('internal');
  if (response.headersSent) {
    sendEvent(response, problem.envelope);
    response.end();
    return;
  }
  if (problem.code === 'overloaded') response.setHeader('retry-after', '1');
  sendJson(response, problem.status, problem.envelope);
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function sendEvent(response: ServerResponse, event: object): void {
  response.write(`data: ${JSON.stringify(event)}\n\n`);
}
