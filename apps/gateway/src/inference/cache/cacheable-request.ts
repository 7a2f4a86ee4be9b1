import type { TokenUsage, Generation } from '../../customers/billing/index.ts';
import type { KeyCache } from '../../customers/keys/index.ts';
import type { Upstream } from '../upstreams/index.ts';

/** A request as far as the cache has to know it. */
export interface CacheableRequest {
  readonly organizationId: string;
  readonly keyId: string;
  readonly cache: KeyCache;
  /** The tier or model that is asked, and all of the body that changes the answer: the same text gets the same answer. */
  readonly canonical: string;
  /** `undefined`: only the very same request gets its answer. */
  readonly likeness: Likeness | undefined;
  /** The answer that is there is not good enough. */
  readonly isRefreshed: boolean;
  /**
   * The models that may answer this request, best first, and for each what its host is like. An answer is given only where
   * its model may answer, and its host is still what it was.
   */
  readonly hosts: ReadonlyMap<string, string>;
}

export interface Likeness {
  /** `canonical` without the wording of the last message. */
  readonly context: string;
  /** The last message. */
  readonly text: string;
  /** May this host see the text, to make a vector of it? */
  readonly mayGoTo: (host: Upstream) => boolean;
}

export interface KeptAnswer {
  readonly modelId: string;
  /** In OpenAI's spelling. */
  readonly text: string;
  readonly usage: TokenUsage;
  readonly usageSource: Exclude<Generation['usageSource'], 'none'>;
}

export interface Recollection {
  readonly kind: 'exact' | 'semantic';
  readonly answer: KeptAnswer;
}
