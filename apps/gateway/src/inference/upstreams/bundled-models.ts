import { BUNDLED_UPSTREAM_ID } from './build-catalogue.ts';
import type { UpstreamDefinition } from './definition.ts';
import type { UpstreamTimeouts } from './model.ts';

/** The tiny models that come with Sealgate, served by its own child process on a unix socket. */
export function bundledModels(options: {
  readonly socketPath: string;
  readonly models: readonly {
    readonly id: string;
    readonly contextLength: number;
    readonly maxOutputTokens: number;
  }[];
  readonly timeouts: UpstreamTimeouts;
}): UpstreamDefinition {
  return {
    upstream: {
      id: BUNDLED_UPSTREAM_ID,
      kind: 'openai',
      baseUrl: 'http://local/v1',
      socketPath: options.socketPath,
      headers: {},
      outputLimitField: 'max_tokens',
      trust: 'local',
      region: 'overseas',
      dataCollection: 'deny',
      timeouts: options.timeouts,
      allowPrivateAddress: true,
    },
    models: options.models.map(({ id, contextLength, maxOutputTokens }) => ({
      name: id,
      contextLength,
      maxOutputTokens,
      capabilities: ['chat'],
    })),
  };
}
