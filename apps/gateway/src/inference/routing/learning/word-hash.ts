const START = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a, one character at a time, so that no word is ever cut out of the prompt. */
export const emptyHash = START | 0;

export function extendHash(hash: number, code: number): number {
  return Math.imul(hash ^ code, PRIME);
}

export function hashWord(word: string): number {
  let hash = emptyHash;
  for (let at = 0; at < word.length; at += 1) hash = extendHash(hash, word.charCodeAt(at));
  return hash;
}

/** The hash of two neighbours; order matters. */
export function pairHash(first: number, second: number): number {
  return Math.imul(first, 0x9e3779b1) ^ second;
}

/** Spreads a hash over all 32 bits (the end of MurmurHash3): FNV's low bits alone are poor. */
export function finishHash(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
