import type { Price } from '../../customers/billing/index.ts';
import type { Secret } from '../../platform/secret.ts';

/** Who can see what is sent there. `local`: this machine. `private`: self-hosted or contractually zero-retention. */
export type Trust = 'public' | 'private' | 'local';
export const ANY_TRUST: ReadonlySet<Trust> = new Set<Trust>(['public', 'private', 'local']);

export type Region = 'cn' | 'overseas';
export type Capability = 'chat' | 'tools' | 'vision' | 'structured-output' | 'embeddings';
export type ProviderKind = 'openai' | 'anthropic';
export type OutputLimitField = 'max_tokens' | 'max_completion_tokens';

/** One host that serves models. */
export interface Upstream {
  readonly id: string;
  readonly kind: ProviderKind;
  /** Ends without a slash and includes the version part, e.g. `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Unix socket to connect to instead of the host in `baseUrl`. */
  readonly socketPath?: string | undefined;
  /** Used in turn, by weight. Some hosts need none. */
  readonly keys?: readonly UpstreamKey[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** How it calls the limit of an answer's length. */
  readonly outputLimitField: OutputLimitField;
  readonly trust: Trust;
  readonly region: Region;
  /** May the host keep or learn from what is sent? `deny` is its promise not to. */
  readonly dataCollection: 'allow' | 'deny';
  readonly timeouts: UpstreamTimeouts;
  /** Private and loopback addresses are refused unless the operator's configuration names them. */
  readonly allowPrivateAddress: boolean;
  /** May a request that waits for it be sent to another model too, and one of another's to it? `undefined`: as everywhere. */
  readonly isHedged?: boolean | undefined;
  /** May organizations bring keys of their own? `undefined`: no. */
  readonly ownKeys?: OwnKeyTerms | undefined;
  /** With whose key it is asked, where that is not the operator's. Such an upstream has that one key and none of the operator's headers. */
  readonly owner?: KeyOwner | undefined;
}

export interface OwnKeyTerms {
  /** The operator has no key: nobody is served who does not bring one. */
  readonly isNeeded: boolean;
  /** `any`: whoever has a key may name models that are not in the catalogue. */
  readonly models: 'listed' | 'any';
  /** Where a key is tried out when the list of models is open to everybody; else that list. */
  readonly keyCheckPath?: string | undefined;
}

/** An organization's own key. */
export interface KeyOwner {
  readonly id: string;
  readonly revision: number;
}

export interface UpstreamKey {
  /** For the operator: the variable or the field that holds it. Unique within its upstream. */
  readonly name: string;
  readonly weight: number;
  readonly secret: Secret;
}

export interface UpstreamTimeouts {
  readonly connectMs: number;
  /** From the request's last byte to the first byte of the answer. */
  readonly firstByteMs: number;
  /** Between two pieces of the answer. */
  readonly idleMs: number;
  /** The whole exchange. */
  readonly totalMs: number;
}

/** One model as callers name it. */
export interface Model {
  /** Public id, `upstream/name`. */
  readonly id: string;
  readonly upstream: Upstream;
  /** The id that the upstream knows. */
  readonly upstreamModel: string;
  /** `undefined`: not priced. Such a model is refused wherever money is counted. */
  readonly price: Price | undefined;
  readonly contextLength: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /** The limit that is sent along when the caller gives none; `undefined`: the configured one. */
  readonly defaultMaxOutputTokens: number | undefined;
  readonly capabilities: ReadonlySet<Capability>;
  /** What the operator expects of it before votes tell: the share of good answers, 0 to 1. */
  readonly quality?: number | undefined;
}
