import {
  admit,
  answerEmbeddings,
  hold,
  readEmbeddingsRequest,
  type ChatServices,
} from '../../inference/chat/index.ts';
import { ANY_TRUST } from '../../inference/upstreams/index.ts';
import type { KeyGate } from '../authenticate-key.ts';
import { cacheHeaderOf } from '../raw/cache-header.ts';
import { enter } from '../raw/enter.ts';
import type { RawRoute } from '../raw/exchange.ts';
import { readBody } from '../raw/read-body.ts';
import { noteAdmission, sendWhole } from '../raw/send-answer.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** `POST /v1/embeddings`. */
export function embeddings(gate: KeyGate, services: ChatServices): RawRoute {
  return async (exchange) => {
    const key = await enter(gate, exchange);
    const body = await readBody(exchange.request, MAX_BODY_BYTES);
    const request = readEmbeddingsRequest(body.toString('utf8'), cacheHeaderOf(exchange));
    const admitted = admit(services, { key, request, route: 'embeddings', trusts: ANY_TRUST });
    const admission = await hold(services, admitted);
    noteAdmission(exchange, admission);
    sendWhole(exchange, await answerEmbeddings(services, admission, exchange.cancellation));
  };
}
