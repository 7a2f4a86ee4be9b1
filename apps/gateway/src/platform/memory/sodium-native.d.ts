// The package brings no types; these are the three functions we call.
declare module 'sodium-native' {
  export function sodium_malloc(byteCount: number): Buffer;
  export function sodium_mlock(bytes: Uint8Array): void;
  export function sodium_memzero(bytes: Uint8Array): void;
}
