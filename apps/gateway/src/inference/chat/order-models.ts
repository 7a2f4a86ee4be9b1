import type { ApiKey } from '../../customers/keys/index.ts';
import type { Decision, Intent } from '../routing/index.ts';
import type { Model } from '../upstreams/index.ts';
import type { ChatRequest } from './chat-request.ts';
import { routingRequestOf } from './routing-request.ts';
import type { ChatServices } from './services.ts';

interface Found {
  readonly asked: string;
  readonly intent: Intent;
  /** Those that may serve. */
  readonly models: readonly Model[];
  /** Was it asked for before all others? */
  readonly isFirst: boolean;
}

interface Ordered {
  readonly models: readonly Model[];
  readonly decision: Decision | undefined;
}

/**
 * In which order models are asked. A caller who names one gets it. Of a tier the router chooses, for chats; among fallbacks it
 * takes the best and tries nothing out, since only what was asked for first is logged.
 */
export function orderModels(
  { router, catalogue }: Pick<ChatServices, 'router' | 'catalogue'>,
  { key, request }: { readonly key: ApiKey; readonly request: ChatRequest },
  { asked, intent, models, isFirst }: Found,
): Ordered {
  if (intent.kind === 'model' || !request.capabilities.has('chat')) {
    return { models, decision: undefined };
  }
  const { organizationId } = key;
  const about = routingRequestOf(request, { asked, organizationId });
  return router.route({
    intent,
    models,
    catalogue: catalogue(),
    request: isFirst ? about : { ...about, explores: false },
  });
}
