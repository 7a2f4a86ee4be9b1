import type { Clock } from '../../../platform/clock.ts';
import type { ProviderKind } from '../model.ts';
import type { Provider } from '../provider.ts';
import { createAnthropic } from './anthropic/provider.ts';
import { openai } from './openai.ts';

/** Every dialect that upstreams speak. */
export function createProviders(clock: Clock): Readonly<Record<ProviderKind, Provider>> {
  return { openai, anthropic: createAnthropic(clock) };
}
