/** What this client can do for secrets in its own memory. */
export interface MemoryProtectionInfo {
  /** Whether memory is kept from being swapped out. JavaScript cannot do that. */
  readonly canLock: boolean;
  readonly isPlatformSecure: boolean;
  readonly method: 'mlock' | 'zero-only' | 'none';
  readonly details: string;
}

/** Tells honestly how secrets are protected on the client's side: buffers are wiped, no more. */
export function getMemoryProtectionInfo(): MemoryProtectionInfo {
  return {
    canLock: false,
    isPlatformSecure: false,
    method: 'zero-only',
    details:
      'Plaintext buffers and AES keys are overwritten after use. JavaScript strings, such as your ' +
      'messages and the answer, cannot be, and memory is not locked.',
  };
}
