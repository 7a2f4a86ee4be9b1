import type { TierName } from '../upstreams/index.ts';

export type Preference = 'fast' | 'cheap' | 'quality';

/** What the caller's `model` text asks for. */
export type Intent =
  | { readonly kind: 'tier'; readonly tier: TierName; readonly preference: Preference | undefined }
  | { readonly kind: 'model'; readonly id: string; readonly preference: Preference | undefined };

const TIERS: ReadonlyMap<string, TierName> = new Map([
  ['nexevo/fast', 'fast'],
  ['nexevo/balanced', 'balanced'],
  ['nexevo/auto', 'auto'],
]);

export const TIER_MODEL_IDS: readonly string[] = [...TIERS.keys()];

const PREFERENCE = /:(fast|cheap|quality)$/;

/** Reads `nexevo/auto:cheap`, `openai/gpt-x`, … Model ids may contain colons of their own (`ollama/llama3:8b`). */
export function readIntent(model: string): Intent {
  const suffix = PREFERENCE.exec(model)?.[1] as Preference | undefined;
  const id = suffix === undefined ? model : model.slice(0, -(suffix.length + 1));
  const tier = TIERS.get(id);
  return tier === undefined
    ? { kind: 'model', id, preference: suffix }
    : { kind: 'tier', tier, preference: suffix };
}
