import { ENDPOINTS, isCreation, type Endpoint } from '@sealgate/contract';
import type { Context as HonoContext, Hono } from 'hono';
import type { RegistrationServices, SessionVerifier } from '../../customers/accounts/index.ts';
import type { Actor, MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import type { RateVerdict } from '../../platform/limits/index.ts';
import { rateLimitHeaders, type KeyGate } from '../authenticate-key.ts';
import type { Env } from '../env.ts';
import { answerOnce } from './answer-once.ts';
import { authenticateMember } from './authenticate.ts';
import { fullAnswer, printAnswer } from './print-answer.ts';
import { readBodyText } from './read-body.ts';
import { readJson, readParams, readQuery } from './read-input.ts';
import type { ActorOf, AnswerOf, FullAnswer, InputOf } from './row-types.ts';
import { accessTokenInCookie, openSessionCookies, type Site } from './session-cookies.ts';

/** What every verb of the platform gets, but for who acts. */
export interface PlatformServices extends Omit<Context, 'actor' | 'address'> {
  readonly sessions: SessionVerifier;
  readonly accounts: RegistrationServices;
  readonly site: Site;
}

/** A row of the contract becomes a route; `handler` only translates between the wire and a verb. */
export type AddRoute = <const Row extends Endpoint>(
  row: Row,
  handler: (ctx: Context<ActorOf<Row>>, input: InputOf<Row>) => Promise<AnswerOf<Row>>,
) => void;

export interface Surroundings {
  readonly app: Hono<Env>;
  readonly gate: KeyGate;
  readonly platform: PlatformServices;
  readonly addressOf: (context: HonoContext<Env>) => string;
}

const OPERATIONS = new Map<Endpoint, string>(
  Object.entries(ENDPOINTS).map(([name, row]) => [row, name]),
);

/** Authenticates, authorises, parses, calls, prints: in this order, for every row alike. */
export function routeAdder(surroundings: Surroundings): AddRoute {
  return (row, handler) => {
    const path = row.path
      .replaceAll(/\{(\w+)\}(\.\w+)/g, String.raw`:$1{[^/]+\$2}`)
      .replaceAll(/\{(\w+)\}/g, ':$1');
    surroundings.app.on(row.method, path, async (http) => {
      const ctx = await contextOf(surroundings, row, http);
      const text = row.request?.body && (await readBodyText(http, row.request.maxBodyBytes));
      const input = {
        params: readParams(row, paramsOf(row, http)),
        query: readQuery(row, http.req.queries()),
        body: text === undefined ? undefined : readJson(row, text),
        header: (name: string) => http.req.header(name),
        openCookies: () => openSessionCookies(surroundings.platform.site, http),
      };
      // The generic types tie rows to handlers; here, every row is just a row.
      const work = async (): Promise<FullAnswer> =>
        fullAnswer(row, await handler(ctx as never, input as never));
      return printAnswer(http, row, await onceIfAsked({ row, http, ctx, text }, work));
    });
  };
}

/** Of `{id}.pdf` without the ending. */
function paramsOf({ path }: Endpoint, http: HonoContext<Env>): Readonly<Record<string, string>> {
  const [, name, ending = ''] = /\{(\w+)\}(\.\w+)$/.exec(path) ?? [];
  const params: Readonly<Record<string, string>> = http.req.param();
  if (name === undefined) return params;
  return { ...params, [name]: (params[name] ?? '').slice(0, -ending.length) };
}

async function contextOf(
  { gate, platform, addressOf }: Surroundings,
  row: Endpoint,
  http: HonoContext<Env>,
): Promise<Context> {
  const address = addressOf(http);
  const { sessions, accounts: _, site, ...services } = platform;
  const actor = await actorOf();
  return { ...services, actor, address };

  async function actorOf(): Promise<Actor> {
    if (row.caller === 'anyone') return { kind: 'anonymous' };
    if (row.caller === 'operator')
      throw new Error('impossible: operators have routes of their own');
    const member = await authenticateMember({ store: platform.store, gate, sessions }, row, {
      authorization: http.req.header('authorization'),
      cookie: () => accessTokenInCookie(site, http),
      address,
      organizationId: http.req.param('organization_id') ?? http.req.header('x-organization-id'),
      onRate: (verdict) => showRate(http, verdict),
    });
    noteActor(http, member);
    return member;
  }
}

function showRate(http: HonoContext<Env>, verdict: RateVerdict): void {
  for (const [name, value] of Object.entries(rateLimitHeaders(verdict))) http.header(name, value);
}

function noteActor(http: HonoContext<Env>, actor: MemberActor): void {
  const facts = http.get('facts');
  facts.organizationId = actor.organizationId;
  if (actor.kind === 'key') facts.keyId = actor.keyId;
  else facts.userId = actor.userId;
}

interface Asked {
  readonly row: Endpoint;
  readonly http: HonoContext<Env>;
  readonly ctx: Context;
  readonly text: string | undefined;
}

function onceIfAsked(
  { row, http, ctx, text }: Asked,
  work: () => Promise<FullAnswer>,
): Promise<FullAnswer> {
  const idempotencyKey = http.req.header('idempotency-key');
  if (idempotencyKey === undefined || !isCreation(row)) return work();
  return answerOnce(
    ctx as Context<MemberActor>,
    {
      operation: OPERATIONS.get(row) ?? row.path,
      idempotencyKey,
      content: `${http.req.path}\n${text ?? ''}`,
    },
    work,
  );
}
