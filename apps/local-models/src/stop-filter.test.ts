import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStopFilter } from './stop-filter.ts';

function filter(pieces: readonly string[], stops: readonly string[]): string {
  const stopFilter = createStopFilter(stops);
  let sent = '';
  for (const piece of pieces) {
    const { text, isStopped } = stopFilter.push(piece);
    sent += text;
    if (isStopped) return sent;
  }
  return sent + stopFilter.rest();
}

describe('createStopFilter', () => {
  it('sends the text before a stop sequence and never one, however the text is cut into pieces', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(letters), fc.array(letters, { maxLength: 4 }), (pieces, stops) => {
        const whole = pieces.join('');
        const found = stops.map((stop) => whole.indexOf(stop)).filter((at) => at >= 0);
        expect(filter([whole], stops)).toBe(whole.slice(0, Math.min(whole.length, ...found)));

        const sent = filter(pieces, stops);
        expect(whole.startsWith(sent)).toBe(true);
        expect(sent === whole).toBe(found.length === 0);
        expect(stops.some((stop) => sent.includes(stop))).toBe(false);
      }),
    );
  });

  it('holds back no more than an opening that fits', () => {
    const stopFilter = createStopFilter(['END']);
    expect(stopFilter.push('the E')).toEqual({ text: 'the ', isStopped: false });
    expect(stopFilter.push('gg')).toEqual({ text: 'Egg', isStopped: false });
    expect(stopFilter.push(' EN')).toEqual({ text: ' ', isStopped: false });
    expect(stopFilter.rest()).toBe('EN');
  });
});
