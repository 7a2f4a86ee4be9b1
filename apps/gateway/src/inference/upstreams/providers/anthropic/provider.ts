import type { Clock } from '../../../../platform/clock.ts';
import type { Upstream } from '../../model.ts';
import type { Provider } from '../../provider.ts';
import { errorMessageIn } from '../error-message.ts';
import { messagesRequest } from './request.ts';
import { chatCompletion } from './response.ts';
import { ChunkStream } from './stream.ts';

const VERSION = '2023-06-01';

/** Anthropic's Messages API behind OpenAI's chat completions. The clock is for `created`, which Anthropic does not say. */
export function createAnthropic(clock: Clock): Provider {
  const nowSeconds = (): number => Math.floor(clock() / 1_000);
  return {
    chat: (call) => ({
      path: '/messages',
      headers: headersFor(call.model.upstream),
      body: JSON.stringify(messagesRequest(call)),
    }),
    models: (upstream) => ({
      method: 'GET',
      path: '/models?limit=1000',
      headers: headersFor(upstream),
    }),
    translateAnswer: (text) => chatCompletion(text, nowSeconds()),
    openStream: () => new ChunkStream(nowSeconds()),
    keyHeaders: (key) => ({ 'x-api-key': key.reveal() }),
    errorMessage: errorMessageIn,
  };
}

function headersFor(upstream: Upstream): Record<string, string> {
  return {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    'anthropic-version': VERSION,
    ...upstream.headers,
  };
}
