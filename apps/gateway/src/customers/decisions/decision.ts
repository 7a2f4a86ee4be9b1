/** One model that could have served, and what the router expected of it. */
export interface DecidedOption {
  readonly model: string;
  /** Expected probability of a good answer. */
  readonly quality: number;
  /** What a thousand requests like this one would cost there. */
  readonly usdPer1000: number;
  readonly latencyMs: number;
  /** How many votes the expectation rests on. */
  readonly ratings: number;
  readonly utility: number;
  /** With which it was drawn. */
  readonly probability: number;
}

/** What the router knew and did about one request of a tier. Never what was said in it. */
export interface RoutingDecision {
  readonly tier: 'fast' | 'balanced' | 'auto';
  readonly preference: 'fast' | 'cheap' | 'quality' | undefined;
  /** Which rules of choosing were in force. */
  readonly policy: string;
  readonly rules: {
    readonly perUsdPer1000: number;
    readonly perSecond: number;
    readonly explores: boolean;
  };
  readonly options: readonly DecidedOption[];
  readonly chosen: string;
  readonly reason: 'only-one' | 'conversation' | 'best' | 'exploration';
  /** Hashed words and shape numbers of the prompt, base64; `undefined`: they are not to be kept. */
  readonly features: string | undefined;
  /** A hash; `undefined`: the request belongs to none. */
  readonly conversation: string | undefined;
}
