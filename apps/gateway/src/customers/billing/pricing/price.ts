import { picoUsdPerToken, type PicoUsdPerToken } from '@sealgate/contract';

/** List price of one model, in pico-dollars (10⁻¹² USD). Everything but `image` is per token. */
export interface Price {
  readonly input: PicoUsdPerToken;
  /** Input that the upstream had in its cache. */
  readonly cachedInput: PicoUsdPerToken;
  /** Input that the upstream put into its cache. */
  readonly cacheWrite: PicoUsdPerToken;
  readonly output: PicoUsdPerToken;
  /** The part of the output that nobody reads. */
  readonly reasoning: PicoUsdPerToken;
  /** For each image of the request, beside the tokens that it counts for. */
  readonly image: PicoUsdPerToken;
}

/** Where a provider lists no price of its own: cached input costs as input does, reasoning as output, an image nothing. */
export function completePrice(listed: Partial<Price> & Pick<Price, 'input' | 'output'>): Price {
  const { input, output } = listed;
  return {
    input,
    cachedInput: listed.cachedInput ?? input,
    cacheWrite: listed.cacheWrite ?? input,
    output,
    reasoning: listed.reasoning ?? output,
    image: listed.image ?? picoUsdPerToken(0n),
  };
}

/** What one request used. Zero is a value: whatever an upstream does not tell is zero. */
export interface TokenUsage {
  readonly input: number;
  /** Part of `input`. */
  readonly cachedInput: number;
  /** Another part of `input`. */
  readonly cacheWrite: number;
  readonly output: number;
  /** Part of `output`. */
  readonly reasoning: number;
  readonly images: number;
}

export const NO_TOKENS: TokenUsage = {
  input: 0,
  cachedInput: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
  images: 0,
};
