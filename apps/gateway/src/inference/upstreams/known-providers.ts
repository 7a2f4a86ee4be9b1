import type { OutputLimitField, ProviderKind, Region } from './model.ts';

/** A provider that is used as soon as its usual environment variable holds a key. */
export interface KnownProvider {
  readonly id: string;
  readonly variables: readonly string[];
  readonly baseUrl: string;
  readonly kind: ProviderKind;
  readonly region: Region;
  /** Where a key is tried out when the list of models is open to everybody. */
  readonly keyCheckPath?: string | undefined;
}

export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  provider('openai', 'https://api.openai.com/v1', 'OPENAI_API_KEY'),
  {
    ...provider('anthropic', 'https://api.anthropic.com/v1', 'ANTHROPIC_API_KEY'),
    kind: 'anthropic',
  },
  provider('gemini', 'https://generativelanguage.googleapis.com/v1beta/openai', 'GEMINI_API_KEY'),
  provider('mistral', 'https://api.mistral.ai/v1', 'MISTRAL_API_KEY'),
  provider('groq', 'https://api.groq.com/openai/v1', 'GROQ_API_KEY'),
  {
    ...provider('openrouter', 'https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'),
    keyCheckPath: '/key',
  },
  provider('xai', 'https://api.x.ai/v1', 'XAI_API_KEY'),
  provider('together', 'https://api.together.xyz/v1', 'TOGETHER_API_KEY'),
  provider('fireworks', 'https://api.fireworks.ai/inference/v1', 'FIREWORKS_API_KEY'),
  provider('cerebras', 'https://api.cerebras.ai/v1', 'CEREBRAS_API_KEY'),
  inChina(provider('deepseek', 'https://api.deepseek.com/v1', 'DEEPSEEK_API_KEY')),
  inChina(
    provider('dashscope', 'https://dashscope.aliyuncs.com/compatible-mode/v1', 'DASHSCOPE_API_KEY'),
  ),
  inChina(provider('moonshot', 'https://api.moonshot.cn/v1', 'MOONSHOT_API_KEY')),
  inChina(
    provider('zhipu', 'https://open.bigmodel.cn/api/paas/v4', 'ZHIPU_API_KEY', 'ZHIPUAI_API_KEY'),
  ),
];

function provider(id: string, baseUrl: string, ...variables: string[]): KnownProvider {
  return { id, variables, baseUrl, kind: 'openai', region: 'overseas' };
}

function inChina(known: KnownProvider): KnownProvider {
  return { ...known, region: 'cn' };
}

export const keyCheckPathAt = (baseUrl: string): string | undefined =>
  KNOWN_PROVIDERS.find((known) => known.baseUrl === baseUrl)?.keyCheckPath;

/** Hosts whose newer models take the newer name only. */
const NEWER_NAME = /^https:\/\/(?:[\w-]+\.)*(?:openai\.com|openai\.azure\.com)(?:[:/]|$)/;

export const outputLimitFieldAt = (baseUrl: string): OutputLimitField =>
  NEWER_NAME.test(baseUrl) ? 'max_completion_tokens' : 'max_tokens';
