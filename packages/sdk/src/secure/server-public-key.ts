import { spkiToPem } from '@sealgate/protocol';
import type { SealedChatCompletion } from './answer.ts';
import { originOf } from './origin.ts';

/**
 * The key to which the request of an answer was sealed, as PEM. Saved beside the answer, it lets
 * {@link verifyAttestation} judge it later. Undefined for answers not received by this process.
 */
export function serverPublicKeyOf(
  answer: Pick<SealedChatCompletion, '_metadata'>,
): string | undefined {
  const origin = originOf(answer);
  return origin && spkiToPem(origin.serverSpkiDer);
}
