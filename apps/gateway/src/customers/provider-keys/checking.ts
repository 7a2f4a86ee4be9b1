import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import type { RateLimiter } from '../../platform/limits/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Secret } from '../../platform/secret.ts';
import type { KeyCheck, Provider, ProviderDirectory } from './directory.ts';

export interface ProviderKeyServices {
  readonly directory: ProviderDirectory;
  /** How often an organization has had keys checked. Of a minute. */
  readonly checks: RateLimiter;
}

/** The gateway is not to try out keys for anybody. */
const MAX_CHECKS_A_MINUTE = 10;

/** Throws 400 with the names of those who take keys. */
export function requireProvider(directory: ProviderDirectory, id: string): Provider {
  const provider = directory.find(id);
  if (provider) return provider;
  const ids = directory.list().map((known) => known.id);
  throw new Refusal('invalid_request_error', {
    param: 'provider',
    message:
      ids.length === 0
        ? 'provider: this server takes no provider keys of organizations.'
        : `provider: it must be one of ${ids.join(', ')}.`,
  });
}

/** Throws 429 for those who ask too often. */
export function ask(
  { actor }: Context<MemberActor>,
  { directory, checks }: ProviderKeyServices,
  { provider, secret }: { readonly provider: Provider; readonly secret: Secret },
): Promise<KeyCheck> {
  const { isAllowed, limit, resetSeconds } = checks.take(actor.organizationId, MAX_CHECKS_A_MINUTE);
  if (isAllowed) return directory.check(provider, secret);
  throw new Refusal('rate_limit_exceeded', {
    message: `An organization may have provider keys checked ${limit} times a minute. Wait ${resetSeconds} s, then try again.`,
    retryAfterSeconds: resetSeconds,
    facts: { limit_source: 'organization', limit },
  });
}

/** Throws 400 when the provider says that it does not take the key: better now than at the first request. */
export async function askAboutNew(
  ctx: Context<MemberActor>,
  services: ProviderKeyServices,
  asked: { readonly provider: Provider; readonly secret: Secret },
): Promise<Exclude<KeyCheck, { kind: 'refused' }>> {
  const check = await ask(ctx, services, asked);
  if (check.kind !== 'refused') return check;
  const { id, origin } = asked.provider;
  const words = check.message === undefined ? '' : ` It says: ${check.message}`;
  throw new Refusal('invalid_request_error', {
    param: 'key',
    message:
      `key: ${id} (${new URL(origin).host}) refuses this key (${check.status}). ` +
      `Check that it is complete and active there; nothing was stored.${words}`,
  });
}

/** More is not listed; whoever has a key may name any model all the same. */
const MOST_MODELS = 1_000;
const MOST_CHARACTERS = 200;

/** The columns that a check decides on. */
export const namesIn = (check: KeyCheck): { readonly models?: string[] } =>
  check.kind === 'accepted'
    ? {
        models: check.models
          .filter(({ length }) => length <= MOST_CHARACTERS)
          .slice(0, MOST_MODELS),
      }
    : {};
