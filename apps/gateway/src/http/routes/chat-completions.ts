import {
  admit,
  answerStream,
  answerWhole,
  hold,
  readChatRequest,
  type ChatServices,
  type HeldAdmission,
  type StreamHead,
  type StreamOutlet,
} from '../../inference/chat/index.ts';
import { ANY_TRUST } from '../../inference/upstreams/index.ts';
import type { KeyGate } from '../authenticate-key.ts';
import { cacheHeaderOf } from '../raw/cache-header.ts';
import { enter } from '../raw/enter.ts';
import type { HttpExchange, RawRoute } from '../raw/exchange.ts';
import { readBody } from '../raw/read-body.ts';
import {
  headerText,
  noteAdmission,
  noteGeneration,
  sendWhole,
  termHeaders,
} from '../raw/send-answer.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** `POST /v1/chat/completions`, JSON and server-sent events. */
export function chatCompletions(gate: KeyGate, services: ChatServices): RawRoute {
  return async (exchange) => {
    const key = await enter(gate, exchange);
    const body = await readBody(exchange.request, MAX_BODY_BYTES);
    const request = readChatRequest(body.toString('utf8'), cacheHeaderOf(exchange));
    const admitted = admit(services, { key, request, route: 'chat', trusts: ANY_TRUST });
    const admission = await hold(services, admitted);
    noteAdmission(exchange, admission);
    if (request.isStream) await stream(exchange, services, admission);
    else sendWhole(exchange, await answerWhole(services, admission, exchange.cancellation));
  };
}

async function stream(
  exchange: HttpExchange,
  services: ChatServices,
  admission: HeldAdmission,
): Promise<void> {
  const { cancellation } = exchange;
  const outcome = await answerStream(services, admission, {
    outlet: outletOf(exchange),
    cancellation,
  });
  if (outcome.kind === 'refused') throw outcome.refusal;
  if (outcome.kind === 'streamed') noteGeneration(exchange, outcome.generation);
}

function outletOf({ response, headers }: HttpExchange): StreamOutlet {
  return {
    begin: (head) => {
      response.writeHead(200, { ...headers, ...EVENT_STREAM, ...headHeaders(head) });
      response.flushHeaders();
    },
    write: (chunk) => response.write(chunk),
    onDrain: (listener) => response.on('drain', listener),
    end: (chunk) => response.end(chunk),
  };
}

const EVENT_STREAM = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  /** nginx would collect the stream otherwise. */
  'x-accel-buffering': 'no',
} as const;

const headHeaders = (head: StreamHead): Record<string, string> => ({
  'x-nexevo-generation-id': head.generationId,
  'x-nexevo-model-used': headerText(head.modelUsed),
  'x-nexevo-models-tried': headerText(head.modelsTried.join(',')),
  ...termHeaders(head),
});
