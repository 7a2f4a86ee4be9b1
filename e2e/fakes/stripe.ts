import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const STRIPE_SECRETS = {
  secretKey: 'sk_test_fake',
  webhookSecret: 'whsec_of_the_fake_stripe',
} as const;

type Fields = Record<string, unknown>;
type Thing = Fields & { id: string; object: string };

export interface FakeEvent extends Thing {
  readonly type: string;
  readonly data: { readonly object: Thing };
}

interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | undefined;
  readonly fields: Fields;
}

/** What happens to the next call: an error instead of an answer, or work that is done and an answer that is lost. */
export type Trouble = { readonly status: number } | 'lost-answer';

/** How the bank takes a charge while nobody is there. */
export type Bank =
  | 'accepts'
  | 'thinks'
  | { readonly declines: string; readonly hasNoPayment?: boolean };

/** A Stripe that does what the test says, and whose things change only then. */
export interface FakeStripe {
  readonly url: string;
  readonly calls: ReceivedCall[];
  readonly events: FakeEvent[];
  readonly sessions: ReadonlyMap<string, Thing>;
  readonly payments: ReadonlyMap<string, Thing>;
  bank: Bank;
  /** Such as `refund`. */
  ofKind(object: string): ReadonlyMap<string, Thing>;
  remove(id: string): void;
  /** Everything but what was called. */
  forget(): void;
  next(...troubles: Trouble[]): void;
  /** Somebody pays on the page; `thinks`: the bank takes its time. */
  pay(sessionId: string, bank?: 'accepts' | 'thinks'): string;
  /** The bank has thought. */
  decide(paymentId: string, isAccepted: boolean): void;
  expire(sessionId: string): void;
  refund(paymentId: string, cents: number, status?: 'succeeded' | 'pending'): string;
  failRefund(refundId: string): void;
  /** A `question` takes nothing yet. */
  dispute(paymentId: string, cents: number, kind?: 'withdrawn' | 'question'): string;
  winDispute(disputeId: string): void;
  /** Changes a thing as Stripe never would. */
  corrupt(id: string, changes: Fields): void;
  close(): Promise<void>;
}

/** `t=…,v1=…` as Stripe signs it. */
export function signStripe(
  body: string,
  nowMs: number,
  secret: string = STRIPE_SECRETS.webhookSecret,
): string {
  const seconds = Math.floor(nowMs / 1_000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${signature}`;
}

export async function startFakeStripe(): Promise<FakeStripe> {
  const calls: ReceivedCall[] = [];
  const events: FakeEvent[] = [];
  const things = new Map<string, Thing>();
  const answered = new Map<string, { readonly text: string; readonly answer: Answer }>();
  const troubles: Trouble[] = [];
  let counter = 0;
  const put = (prefix: string, object: string, fields: Fields): Thing => {
    counter += 1;
    const id = `${prefix}_${String(counter).padStart(8, '0')}`;
    const thing = { id, object, created: Math.floor(Date.now() / 1_000), ...fields };
    things.set(id, thing);
    return thing;
  };
  const get = (id: string): Thing => {
    const thing = things.get(id);
    if (thing === undefined) throw new Error(`no ${id}`);
    return thing;
  };
  const ofKind = (object: string): ReadonlyMap<string, Thing> =>
    new Map([...things].filter(([, thing]) => thing.object === object));
  const tell = (type: string, thing: Thing): void => {
    const event = put('evt', 'event', { type, data: { object: structuredClone(thing) } });
    events.push(event as FakeEvent);
  };

  const createPayment = (fields: Fields, status: string): Thing =>
    put('pi', 'payment_intent', {
      amount: fields['amount'],
      currency: fields['currency'],
      customer: fields['customer'] ?? null,
      metadata: fields['metadata'] ?? {},
      amount_received: status === 'succeeded' ? fields['amount'] : 0,
      payment_method: fields['payment_method'] ?? null,
      last_payment_error: null,
      status,
    });

  const routes: readonly (readonly [string, RegExp, Handler])[] = [
    ['POST', /^\/v1\/customers$/, (_, fields) => ok(put('cus', 'customer', fields))],
    [
      'POST',
      /^\/v1\/checkout\/sessions$/,
      (_, fields) => {
        if (!things.has(String(fields['customer']))) {
          const error = { code: 'resource_missing', param: 'customer' };
          return refused(400, { type: 'invalid_request_error', ...error });
        }
        const [line] = list(fields['line_items']);
        const price = (line?.['price_data'] ?? {}) as Fields;
        const session = put('cs_test', 'checkout.session', {
          client_reference_id: fields['client_reference_id'],
          customer: fields['customer'] ?? null,
          metadata: fields['metadata'] ?? {},
          amount_total: Number(price['unit_amount']) * Number(line?.['quantity']),
          currency: price['currency'],
          payment_intent: null,
          payment_status: 'unpaid',
          status: 'open',
          success_url: fields['success_url'],
          of_payment: fields['payment_intent_data'] ?? {},
        });
        return ok(Object.assign(session, { url: `https://checkout.stripe.test/${session.id}` }));
      },
    ],
    ['GET', /^\/v1\/checkout\/sessions\/(\w+)$/, ([id = '']) => found(things.get(id))],
    [
      'POST',
      /^\/v1\/payment_intents$/,
      (_, fields) => {
        const amount = Number(fields['amount']);
        const { bank } = fake;
        if (typeof bank === 'object') {
          const failure = { code: codeOf(bank.declines), decline_code: bank.declines };
          const payment = createPayment({ ...fields, amount }, 'requires_payment_method');
          payment['last_payment_error'] = { ...failure, type: 'card_error' };
          if (bank.hasNoPayment) return refused(400, { type: 'invalid_request_error', ...failure });
          tell('payment_intent.payment_failed', payment);
          return refused(402, { type: 'card_error', ...failure, payment_intent: payment });
        }
        const isAccepted = bank === 'accepts';
        const payment = createPayment(
          { ...fields, amount },
          isAccepted ? 'succeeded' : 'processing',
        );
        tell(`payment_intent.${isAccepted ? 'succeeded' : 'processing'}`, payment);
        return ok(payment);
      },
    ],
    [
      'GET',
      /^\/v1\/payment_intents\/(\w+)$/,
      ([id = '']) => {
        const payment = things.get(id);
        const method = things.get(String(payment?.['payment_method']));
        return found(payment && { ...payment, payment_method: method ?? null });
      },
    ],
    [
      'GET',
      /^\/v1\/payment_intents$/,
      (_, { customer }) =>
        listed(ofKind('payment_intent'), (each) => each['customer'] === customer),
    ],
    [
      'GET',
      /^\/v1\/(refund|dispute)s$/,
      ([object = ''], { payment_intent: payment }) =>
        listed(ofKind(object), (each) => each['payment_intent'] === payment),
    ],
    ['GET', /^\/v1\/events$/, () => listed(ofKind('event'), () => true)],
  ];

  const answer = ({ method, path, fields }: ReceivedCall): Answer => {
    for (const [verb, pattern, handler] of routes) {
      const match = verb === method ? pattern.exec(path) : null;
      if (match !== null) return handler(match.slice(1), fields);
    }
    return refused(404, { type: 'invalid_request_error', message: `no ${method} ${path}` });
  };

  /** Of a key that came before: the same answer, or an error if the call is another one. */
  const answerOnce = (call: ReceivedCall, text: string): Answer => {
    const { idempotencyKey: key } = call;
    if (key === undefined || call.method !== 'POST') return answer(call);
    const earlier = answered.get(key);
    if (earlier?.text === text) return earlier.answer;
    if (earlier !== undefined) return refused(400, { type: 'idempotency_error' });
    const fresh = structuredClone(answer(call));
    answered.set(key, { text, answer: fresh });
    return fresh;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '/', 'http://fake');
    const query = request.method === 'GET' ? url.searchParams : new URLSearchParams(text);
    const call = {
      method: request.method ?? '',
      path: url.pathname,
      idempotencyKey: request.headers['idempotency-key']?.toString(),
      fields: nested(query),
    };
    calls.push(call);
    const trouble = troubles.shift();
    const isAllowed = request.headers.authorization === `Bearer ${STRIPE_SECRETS.secretKey}`;
    const { status, body } = !isAllowed
      ? refused(401, { type: 'invalid_request_error' })
      : typeof trouble === 'object'
        ? refused(trouble.status, { type: 'api_error' })
        : answerOnce(call, text);
    if (trouble === 'lost-answer') return void response.destroy();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };

  const complete = (session: Thing, isPaid: boolean): void => {
    session['payment_status'] = isPaid ? 'paid' : 'unpaid';
    session['status'] = 'complete';
  };
  const sessionOf = (paymentId: string): Thing | undefined =>
    [...ofKind('checkout.session').values()].find((each) => each['payment_intent'] === paymentId);

  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeStripe = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    events,
    get sessions() {
      return ofKind('checkout.session');
    },
    get payments() {
      return ofKind('payment_intent');
    },
    bank: 'accepts',
    ofKind,
    remove: (id) => void things.delete(id),
    forget() {
      things.clear();
      events.length = 0;
    },
    next: (...more) => void troubles.push(...more),
    pay(sessionId, bank = 'accepts') {
      const session = get(sessionId);
      const { metadata } = session['of_payment'] as Fields;
      const method = put('pm', 'payment_method', {
        type: 'card',
        card: { brand: 'visa', last4: String(4242 + counter).slice(-4) },
      });
      const isPaid = bank === 'accepts';
      const payment = createPayment(
        {
          amount: session['amount_total'],
          currency: session['currency'],
          customer: session['customer'],
          metadata,
          payment_method: method.id,
        },
        isPaid ? 'succeeded' : 'processing',
      );
      session['payment_intent'] = payment.id;
      complete(session, isPaid);
      tell('checkout.session.completed', session);
      tell(`payment_intent.${isPaid ? 'succeeded' : 'processing'}`, payment);
      return payment.id;
    },
    decide(paymentId, isAccepted) {
      const payment = get(paymentId);
      payment['status'] = isAccepted ? 'succeeded' : 'requires_payment_method';
      if (isAccepted) payment['amount_received'] = payment['amount'];
      else
        payment['last_payment_error'] = { code: 'card_declined', decline_code: 'generic_decline' };
      tell(`payment_intent.${isAccepted ? 'succeeded' : 'payment_failed'}`, payment);
      const session = sessionOf(paymentId);
      if (session === undefined) return;
      complete(session, isAccepted);
      tell(`checkout.session.async_payment_${isAccepted ? 'succeeded' : 'failed'}`, session);
    },
    expire(sessionId) {
      const session = get(sessionId);
      Object.assign(session, { status: 'expired', url: null });
      tell('checkout.session.expired', session);
    },
    refund(paymentId, cents, status = 'succeeded') {
      const refund = put('re', 'refund', {
        payment_intent: paymentId,
        amount: cents,
        currency: get(paymentId)['currency'],
        status,
      });
      tell('refund.created', refund);
      return refund.id;
    },
    failRefund(refundId) {
      const refund = Object.assign(get(refundId), { status: 'failed' });
      tell('refund.failed', refund);
    },
    dispute(paymentId, cents, kind = 'withdrawn') {
      const currency = get(paymentId)['currency'];
      const dispute = put('dp', 'dispute', {
        payment_intent: paymentId,
        amount: cents,
        currency,
        status: kind === 'withdrawn' ? 'needs_response' : 'warning_needs_response',
        balance_transactions: kind === 'withdrawn' ? [{ amount: -cents, currency }] : [],
      });
      tell('charge.dispute.created', dispute);
      if (kind === 'withdrawn') tell('charge.dispute.funds_withdrawn', dispute);
      return dispute.id;
    },
    winDispute(disputeId) {
      const dispute = get(disputeId);
      const [taken] = list(dispute['balance_transactions']);
      Object.assign(dispute, { status: 'won' });
      if (taken !== undefined) {
        const given = { amount: -Number(taken['amount']), currency: taken['currency'] };
        dispute['balance_transactions'] = [taken, given];
        tell('charge.dispute.funds_reinstated', dispute);
      }
      tell('charge.dispute.closed', dispute);
    },
    corrupt: (id, changes) => void Object.assign(get(id), changes),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Handler = (path: readonly string[], fields: Fields) => Answer;

const ok = (body: unknown): Answer => ({ status: 200, body });
const refused = (status: number, error: Fields): Answer => ({ status, body: { error } });
const found = (thing: unknown): Answer =>
  thing === undefined
    ? refused(404, { type: 'invalid_request_error', code: 'resource_missing' })
    : ok(thing);

const listed = (things: ReadonlyMap<string, Thing>, isIn: (thing: Thing) => boolean): Answer =>
  ok({ object: 'list', has_more: false, data: [...things.values()].filter(isIn).toReversed() });

const list = (value: unknown): Fields[] =>
  Array.isArray(value) ? value : Object.values<Fields>(Object(value));

const codeOf = (decline: string): string =>
  decline === 'authentication_required' || decline === 'resource_missing'
    ? decline
    : 'card_declined';

/** `a[b][0]=c` is `{ a: { b: { 0: 'c' } } }`. */
function nested(query: URLSearchParams): Fields {
  const fields: Fields = {};
  for (const [name, value] of query) {
    const steps = name.split(/[[\]]+/).filter((step) => step !== '');
    const last = steps.pop() ?? '';
    let node = fields;
    for (const step of steps) node = (node[step] ??= {}) as Fields;
    node[last] = value;
  }
  return fields;
}
