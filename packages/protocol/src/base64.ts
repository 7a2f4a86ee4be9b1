import type { Bytes } from './bytes.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const ZERO_DIGIT = 0x41;
const PAD = 0x3d;
/** Set in the decoding table for every byte outside the alphabet; the value of a digit lacks it. */
const NOT_A_DIGIT = 0x80;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const digitCodes = encoder.encode(ALPHABET);
const digitValues = new Uint8Array(256).fill(NOT_A_DIGIT);
digitCodes.forEach((code, value) => {
  digitValues[code] = value;
});

/** Standard alphabet with padding. `btoa` would take seconds for ten megabytes. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  const byteAt = (index: number): number => bytes[index] ?? 0;
  const digitOf = (value: number): number => digitCodes[value & 63] ?? 0;
  for (let read = 0, write = 0; read < bytes.length; read += 3, write += 4) {
    const group = (byteAt(read) << 16) | (byteAt(read + 1) << 8) | byteAt(read + 2);
    text[write] = digitOf(group >> 18);
    text[write + 1] = digitOf(group >> 12);
    text[write + 2] = digitOf(group >> 6);
    text[write + 3] = digitOf(group);
  }
  const excess = (3 - (bytes.length % 3)) % 3;
  text.fill(PAD, text.length - excess);
  return decoder.decode(text);
}

/**
 * Decodes canonical base64 only (SPEC §1.2): standard alphabet, padded, no white space, unused bits
 * zero, so that one value has one spelling. Undefined for anything else.
 */
export function decodeBase64(text: string): Bytes | undefined {
  const codes = encoder.encode(text);
  if (text.length % 4 !== 0 || codes.length !== text.length) return undefined;
  const excess = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  // The padding reads as digits 0, so that the loop sees whole groups only.
  codes.fill(ZERO_DIGIT, codes.length - excess);

  const bytes = new Uint8Array((codes.length / 4) * 3);
  const valueAt = (index: number): number => digitValues[codes[index] ?? 0] ?? NOT_A_DIGIT;
  let faults = 0;
  for (let read = 0, write = 0; read < codes.length; read += 4, write += 3) {
    const [first, second] = [valueAt(read), valueAt(read + 1)];
    const [third, fourth] = [valueAt(read + 2), valueAt(read + 3)];
    faults |= first | second | third | fourth;
    bytes[write] = (first << 2) | (second >> 4);
    bytes[write + 1] = (second << 4) | (third >> 2);
    bytes[write + 2] = (third << 6) | fourth;
  }
  const length = bytes.length - excess;
  const hasUnusedBits = bytes.subarray(length).some((byte) => byte !== 0);
  return (faults & NOT_A_DIGIT) !== 0 || hasUnusedBits ? undefined : bytes.subarray(0, length);
}

/** The URL-safe alphabet without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
