import { importPublicKey, type AttestationExpectation } from '@sealgate/protocol';
import { CommandProblem } from './command-problem.ts';

/** What a file says about an attestation and about the request that it belongs to. */
export interface SavedAttestation {
  readonly attestation: unknown;
  /** `undefined`: the file does not say for which request the quote was made. */
  readonly request: AttestationExpectation | undefined;
}

/** What may stand beside the file, because the file lacks it. */
export interface RequestFacts {
  readonly payloadId?: string | undefined;
  readonly serverKeyPem?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads an answer as `sealgate chat --sealed --json` prints it, or an attestation alone. */
export async function readSavedAnswer(
  text: string,
  facts: RequestFacts,
): Promise<SavedAttestation> {
  const answer = parse(text);
  const metadata = fields(answer['_metadata']);
  const attestation = metadata?.['tpm_attestation'] ?? answer['tpm_attestation'] ?? answer;
  const payloadId = facts.payloadId ?? metadata?.['payload_id'];
  const serverKeyPem = facts.serverKeyPem ?? answer['server_public_key'];
  if (typeof payloadId !== 'string' || typeof serverKeyPem !== 'string') {
    return { attestation, request: undefined };
  }
  const key = await importPublicKey(serverKeyPem.trim());
  if (!key.ok) throw new CommandProblem('The server key is no RSA public key in PEM form.');
  const seconds = momentOf(metadata, fields(attestation));
  return {
    attestation,
    request: {
      payloadId,
      serverSpkiDer: key.value.spkiDer,
      sentAtSeconds: seconds,
      receivedAtSeconds: seconds,
    },
  };
}

/** The client's clock when it opened the answer. Without it, the age of an epoch cannot be judged. */
function momentOf(metadata: Fields | undefined, attestation: Fields | undefined): number {
  const moment = metadata?.['processed_at'] ?? attestation?.['epoch'];
  return typeof moment === 'number' ? moment : 0;
}

function parse(text: string): Fields {
  try {
    const answer = fields(JSON.parse(text));
    if (answer !== undefined) return answer;
  } catch {
    // Falls through: whatever is wrong with the text, the advice is the same.
  }
  throw new CommandProblem(
    'The file holds no JSON object. Save an answer with "sealgate chat --sealed --json … > answer.json".',
  );
}

function fields(value: unknown): Fields | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Fields) : undefined;
}
