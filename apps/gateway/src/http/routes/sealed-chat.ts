import { MAX_REQUEST_ENVELOPE_BYTES } from '@sealgate/protocol';
import type { ApiKey } from '../../customers/keys/index.ts';
import {
  admit,
  answerWhole,
  hold,
  readChatRequest,
  type Admission,
  type ChatServices,
} from '../../inference/chat/index.ts';
import type { SealedChat, SealedExchange } from '../../inference/sealed/index.ts';
import { Cancellation } from '../../platform/cancellation.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { KeyGate } from '../authenticate-key.ts';
import { enter } from '../raw/enter.ts';
import { send, type HttpExchange, type RawRoute } from '../raw/exchange.ts';
import { readBody } from '../raw/read-body.ts';
import { answerHeaders, noteAdmission, noteGeneration } from '../raw/send-answer.ts';

/** `POST /v1/chat/secure_completion`: the plain gate, between an opening and a sealing. */
export function sealedChat(gate: KeyGate, services: ChatServices, sealed: SealedChat): RawRoute {
  return async (exchange) => {
    const key = await enter(gate, exchange);
    sealed.admit(key.id);
    const opened = await open(exchange, sealed);
    exchange.facts.securityTier = opened.tier;
    const admission = admitOpened(services, key, opened);
    const answer = await opened.once(key.id, () =>
      generate(exchange, services, { admission, opened }),
    );
    send(exchange, {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: await opened.seal(answer),
    });
  };
}

async function open(exchange: HttpExchange, sealed: SealedChat): Promise<SealedExchange> {
  const body = await readBody(exchange.request, MAX_REQUEST_ENVELOPE_BYTES);
  const { headers } = exchange.request;
  return sealed.unseal({
    headers: {
      payloadId: textOf(headers['x-payload-id']),
      publicKey: textOf(headers['x-public-key']),
      securityTier: textOf(headers['x-security-tier']),
    },
    body,
  });
}

function admitOpened(services: ChatServices, key: ApiKey, opened: SealedExchange): Admission {
  return admit(services, {
    key,
    request: readChatRequest(opened.bodyText),
    route: 'sealed-chat',
    securityTier: opened.tier,
    trusts: opened.trusts,
  });
}

async function generate(
  exchange: HttpExchange,
  services: ChatServices,
  { admission, opened }: { readonly admission: Admission; readonly opened: SealedExchange },
): Promise<Uint8Array> {
  // Here, not before: a retry that joins another generation has none of its own, and needs no money.
  const held = await hold(services, admission);
  noteAdmission(exchange, held);
  // A caller that can retry gets the answer of the generation that is already running.
  const isRetried = opened.idempotencyKey !== undefined;
  const cancellation = isRetried ? new Cancellation() : exchange.cancellation;
  const answer = await answerWhole(services, held, cancellation);
  if (answer.kind === 'aborted') throw new Refusal('request_timeout');
  noteGeneration(exchange, answer.generation);
  if (answer.kind === 'refused') throw withoutUpstreamsWords(answer.refusal);
  Object.assign(exchange.headers, answerHeaders(answer));
  return Buffer.from(answer.text);
}

/** Upstreams like to quote the request in their errors, and this answer is not sealed. */
function withoutUpstreamsWords({ code, details }: Refusal): Refusal {
  const { retryAfterSeconds, facts, internal } = details;
  return new Refusal(code, { retryAfterSeconds, facts, internal });
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;
