import {
  SecureChatCompletion,
  serverPublicKeyOf,
  verifyAttestation,
  type AttestationVerdict,
  type SealedChatCompletion,
  type SecurityTier,
} from '@sealgate/sdk/secure';
import { isLoopback } from '../gateway-address.ts';
import { printJson, type Surroundings } from '../surroundings.ts';
import { printAnswer, type Asking, type Question } from './ask.ts';

export interface SealedAsking extends Asking {
  readonly tier?: SecurityTier;
  readonly allowHttp?: boolean;
}

export async function askSealed(
  question: Question,
  { gateway, tier, allowHttp = false, json }: SealedAsking,
  surroundings: Surroundings,
): Promise<void> {
  const client = new SecureChatCompletion({
    baseUrl: gateway.url,
    apiKey: gateway.key,
    allowHttp: allowHttp || isLoopback(gateway.url),
  });
  try {
    const answer = await client.create({ ...question, security_tier: tier });
    if (json) {
      // With the key, the file says for itself which request its quote must belong to.
      return printJson(surroundings, { ...answer, server_public_key: serverPublicKeyOf(answer) });
    }
    printAnswer(answer, surroundings);
    surroundings.stderr.write(remarkOn(answer, await verifyAttestation(answer)));
  } finally {
    client.dispose();
  }
}

function remarkOn(
  { _metadata: { security_tier: tier, memory_protection: memory } }: SealedChatCompletion,
  verdict: AttestationVerdict,
): string {
  const protection = memory?.protection_level ?? 'unknown';
  return `(sealed; the server says: tier ${tier ?? 'unknown'}, memory protection ${protection}; TPM quote: ${printVerdict(verdict)})\n`;
}

function printVerdict(verdict: AttestationVerdict): string {
  if (verdict.kind === 'unavailable') return 'none';
  return verdict.ok ? 'holds' : 'DOES NOT HOLD';
}
