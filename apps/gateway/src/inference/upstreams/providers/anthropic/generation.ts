/** What a model of the Claude family takes; other models that speak the dialect take what the first ones took. */
export interface Generation {
  /** `budget`: `thinking.budget_tokens`. `adaptive`: `output_config.effort`. */
  readonly thinking: 'budget' | 'adaptive';
  /** Since 4.7 `temperature`, `top_p` and `top_k` are answered with 400. */
  readonly takesSampling: boolean;
  readonly takesHighestEfforts: boolean;
}

const FIRST: Generation = { thinking: 'budget', takesSampling: true, takesHighestEfforts: false };
const CLAUDE_4_6: Generation = { ...FIRST, thinking: 'adaptive' };
const NEWEST: Generation = {
  thinking: 'adaptive',
  takesSampling: false,
  takesHighestEfforts: true,
};

const VERSION = /^claude-(?:[a-z]+-)?(\d{1,2})(?:-(\d{1,2}))?(?:-|$)/;

/** Read from the name (`claude-sonnet-4-20250514`, `claude-opus-4-7`). A Claude without a version is taken for new. */
export function generationOf(upstreamModel: string): Generation {
  if (!upstreamModel.startsWith('claude-')) return FIRST;
  const match = VERSION.exec(upstreamModel);
  if (match === null) return NEWEST;
  const version = Number(match[1]) * 100 + Number(match[2] ?? 0);
  if (version < 406) return FIRST;
  return version < 407 ? CLAUDE_4_6 : NEWEST;
}
