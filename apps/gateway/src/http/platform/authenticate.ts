import { mayDo, type Endpoint } from '@sealgate/contract';
import type { SessionVerdict, SessionVerifier } from '../../customers/accounts/index.ts';
import type { ApiKey } from '../../customers/keys/index.ts';
import { findRole } from '../../customers/organizations/index.ts';
import type { Actor, MemberActor } from '../../platform/actor.ts';
import type { Stored } from '../../platform/db/index.ts';
import type { RateVerdict } from '../../platform/limits/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import {
  authenticateKey,
  bearerOf,
  countFailure,
  refuseExcess,
  refuseGuesser,
  type Caller,
  type KeyGate,
} from '../authenticate-key.ts';

export interface MemberGate extends Stored {
  readonly gate: KeyGate;
  readonly sessions: SessionVerifier;
}

export interface MemberRequest extends Caller {
  /** The access token that a browser sent along. Asked only where a person may call and nothing else was sent. */
  readonly cookie: () => string | undefined;
  /** The organization of the path, else the one that the caller has picked. */
  readonly organizationId: string | undefined;
  /** Called as soon as it is known, also when the request is then refused. */
  readonly onRate: (verdict: RateVerdict) => void;
}

const SESSION_REQUESTS_PER_MINUTE = 600;
const KEY_PREFIX = 'sk-';

/** Who calls, as a member of the organization that the request is about. */
export async function authenticateMember(
  services: MemberGate,
  row: Endpoint,
  request: MemberRequest,
): Promise<MemberActor> {
  const isKey = bearerOf(request.authorization).startsWith(KEY_PREFIX);
  if (isKey && row.caller === 'session') {
    throw new Refusal('permission_denied', {
      message: 'This needs a person: send the access token of a sign-in instead of an API key.',
    });
  }
  const actor = await (isKey || row.caller === 'key'
    ? keyActor(services, request)
    : userActor(services, request));
  refuseRole(row, actor);
  return actor;
}

async function keyActor(
  services: MemberGate,
  request: MemberRequest,
): Promise<Actor & MemberActor> {
  const key = await authenticateKey(services.gate, request);
  count(services, request, key.id, key.rateLimitRpm);
  const organizationId = request.organizationId ?? key.organizationId;
  const role = await roleOfKey(services, key, organizationId);
  return { kind: 'key', keyId: key.id, organizationId, userId: key.createdBy, role };
}

/** A key reaches its own organization and those that it founded; there it may do what its maker may. */
async function roleOfKey(
  services: MemberGate,
  key: ApiKey,
  organizationId: string,
): Promise<MemberActor['role']> {
  const isOwn = organizationId === key.organizationId;
  if (key.createdBy === undefined) {
    if (isOwn) return 'owner';
    throw new Refusal('not_found');
  }
  const found = await findRole(services, { userId: key.createdBy, organizationId });
  // The maker has left; the key remains the organization's.
  if (isOwn) return found?.role ?? 'developer';
  if (found === undefined || found.createdByKey !== key.id) throw new Refusal('not_found');
  return found.role;
}

async function userActor(services: MemberGate, request: MemberRequest): Promise<MemberActor> {
  refuseGuesser(services.gate, request.address);
  const verdict = await services.sessions.verify(accessTokenOf(request));
  if (verdict.kind !== 'valid') throw refusedSession(services, request, verdict);
  const { id: sessionId, userId } = verdict.session;
  count(services, request, sessionId, SESSION_REQUESTS_PER_MINUTE);
  const found = await findRole(services, { userId, organizationId: request.organizationId });
  if (found === undefined) throw new Refusal('not_found');
  const { organizationId, role } = found;
  return { kind: 'user', userId, sessionId, organizationId, role };
}

const accessTokenOf = ({ authorization, cookie }: MemberRequest): string =>
  authorization === undefined ? (cookie() ?? '') : bearerOf(authorization);

function refusedSession(
  { gate }: MemberGate,
  { address }: MemberRequest,
  { kind }: SessionVerdict,
): Refusal {
  if (kind === 'expired') return new Refusal('token_expired');
  countFailure(gate, address);
  return new Refusal('invalid_api_key', {
    message:
      'The credential is not valid. Send an API key or an access token as "Authorization: Bearer …".',
  });
}

function count(
  { gate }: MemberGate,
  { onRate }: MemberRequest,
  id: string,
  limitRpm: number,
): void {
  const verdict = gate.requests.take(id, limitRpm);
  onRate(verdict);
  refuseExcess(verdict);
}

function refuseRole({ action }: Endpoint, { role }: MemberActor): void {
  if (action === undefined || mayDo(role, action)) return;
  throw new Refusal('permission_denied', {
    message: `The role "${role}" does not allow this. Ask the owner or an admin of the organization.`,
    internal: { action },
  });
}
