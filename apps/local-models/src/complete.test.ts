import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { complete } from './complete.ts';

const tokensOf = (text: string): Token[] =>
  [...Buffer.from(text)].map((byte) => (byte + 3) as Token);

function bounds(more: object = {}) {
  return { maxTokens: 100, stops: [], signal: new AbortController().signal, ...more };
}

async function textOf(pieces: Iterable<readonly Token[]>, more: object = {}): Promise<string> {
  let text = '';
  await complete(pieces, bounds(more), (piece) => (text += piece));
  return text;
}

describe('complete', () => {
  it('joins characters whose bytes come one by one', async () => {
    const pieces = tokensOf('größer 中 🙂').map((token) => [token]);
    expect(await textOf(pieces)).toBe('größer 中 🙂');
  });

  it('sends a broken last character as a replacement sign, not as nothing', async () => {
    expect(await textOf([tokensOf('中').slice(0, 2)])).toBe('\uFFFD');
  });

  it('sends what was held back for a stop sequence that never came', async () => {
    expect(await textOf([tokensOf('the EN')], { stops: ['END'] })).toBe('the EN');
  });

  it('stops generating when the caller has left', async () => {
    const caller = new AbortController();
    let generated = 0;
    let isReleased = false;
    async function* endless(): AsyncGenerator<readonly Token[]> {
      try {
        for (;;) {
          generated += 1;
          yield tokensOf('a');
        }
      } finally {
        isReleased = true;
      }
    }
    const running = complete(endless(), bounds({ signal: caller.signal, maxTokens: 1e9 }), () => {
      if (generated === 5) caller.abort();
    });
    await expect(running).rejects.toThrow('aborted');
    expect(generated).toBe(6);
    expect(isReleased).toBe(true);
  });
});
