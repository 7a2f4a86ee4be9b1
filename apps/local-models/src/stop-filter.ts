export interface StopFilter {
  /** What of the text so far is safe to send. */
  push(text: string): { readonly text: string; readonly isStopped: boolean };
  /** What was held back, once it is clear that no stop sequence follows. */
  rest(): string;
}

/** Cuts text before the first stop sequence, also when the sequence arrives in pieces. */
export function createStopFilter(stops: readonly string[]): StopFilter {
  let held = '';
  return {
    push(text) {
      held += text;
      const at = firstIndexOf(held, stops);
      if (at !== undefined) {
        const before = held.slice(0, at);
        held = '';
        return { text: before, isStopped: true };
      }
      const safe = held.length - openingLength(held, stops);
      const sent = held.slice(0, safe);
      held = held.slice(safe);
      return { text: sent, isStopped: false };
    },
    rest: () => held,
  };
}

function firstIndexOf(text: string, stops: readonly string[]): number | undefined {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** Length of the longest end of `text` that may become a stop sequence. */
function openingLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
