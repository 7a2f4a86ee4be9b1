import { secureHeapUsed } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { openProtectedMemory, type MemoryState } from '../../platform/memory/index.ts';
import type { Secret } from '../../platform/secret.ts';
import { createAttestor, type AttestationSettings, type AttestationState } from './attestor.ts';
import { createClientKeys } from './client-keys.ts';
import { findGraphicsCards, type CudaDevice } from './graphics-cards.ts';
import { createKeyRing, type KeyRing } from './key-ring.ts';
import { printMemoryProtection } from './metadata.ts';
import { createRecentAnswers } from './recent-answers.ts';
import { createReplayMemory } from './replay-memory.ts';
import { seal } from './seal.ts';
import { createSealedLimits, type SealedLimitSettings } from './sealed-limits.ts';
import { generateServerKey, type ServerKey } from './server-key.ts';
import { isMemoryProtected } from './tier.ts';
import { unseal, type SealedRequest, type UnsealedRequest } from './unseal.ts';

export interface SealedChatOptions {
  readonly clock: Clock;
  /** Keys the hashes of hardware identifiers; the same for the life of an installation. */
  readonly installationSecret: Secret;
  readonly limits: SealedLimitSettings;
  readonly attestation: AttestationSettings;
  readonly isMemoryLockingWanted: boolean;
  /** Faults for an operator to see; nothing of any request is in them. */
  readonly onFault: (fault: SealedFault, error: unknown) => void;
  readonly generateKey?: () => Promise<ServerKey>;
}

export type SealedFault = 'sealed-key-not-made' | 'tpm-failed';

/** One opened request on its way to a sealed answer. */
export interface SealedExchange extends UnsealedRequest {
  /**
   * Answers a retry of the same generation with the first answer, so that nobody pays twice; without an idempotency
   * key it only generates. Do not abort `generate` when the client leaves: it may be about to retry.
   */
  once(apiKeyId: string, generate: () => Promise<Uint8Array>): Promise<Uint8Array>;
  /** Adds `_metadata` to a JSON answer and seals it to the client; wipes `answer`. */
  seal(answer: Uint8Array): Promise<Uint8Array>;
}

export interface SealedChat {
  /** Waits for the first key, a second or two after start. */
  publicKeyPem(): Promise<string>;
  /** Counts a request of this key; to be called before `unseal`. Throws `Refusal`. */
  admit(apiKeyId: string): void;
  /** Throws `Refusal`. */
  unseal(request: SealedRequest): Promise<SealedExchange>;
  describeProtection(): Promise<Protection>;
  close(): void;
}

/** What is protected and what is not, for `sealgate doctor`. */
export interface Protection {
  readonly memory: MemoryState;
  /** Does the tier "maximum" work here? */
  readonly isMaximumTierAvailable: boolean;
  readonly graphicsCards: CudaDevice;
  readonly attestation: AttestationState;
}

/** Waits for nothing slow: the first key, the GPU query and the TPM get ready in the background. */
export async function createSealedChat(options: SealedChatOptions): Promise<SealedChat> {
  const { clock, onFault } = options;
  const memory = await openProtectedMemory({
    isEnabled: options.isMemoryLockingWanted,
    secureHeapBytes: secureHeapUsed().total,
  });
  const keys = openKeyRing(options);
  const attestor = createAttestor({
    clock,
    settings: options.attestation,
    onFault: (error) => onFault('tpm-failed', error),
  });
  const graphicsCards = findGraphicsCards(options.installationSecret);
  const limits = createSealedLimits(clock, options.limits);
  const answers = createRecentAnswers(clock, memory);
  const replays = createReplayMemory(clock);
  const ctx = { clock, keys, memory, replays, clientKeys: createClientKeys() };

  return {
    publicKeyPem: async () => (await keys.current()).publicKeyPem,
    admit: (apiKeyId) => limits.admit(apiKeyId),
    async unseal(request) {
      const unsealed = await unseal(ctx, request);
      const { payloadId, tier, idempotencyKey, bodyText, reply } = unsealed;
      // Made while the model works: a hardware TPM takes half a second.
      const attestation = attestor.quoteFor({ payloadId, serverSpkiDer: reply.openedBy.spkiDer });
      return {
        ...unsealed,
        once: (apiKeyId, generate) =>
          idempotencyKey === undefined
            ? generate()
            : answers.once({ apiKeyId, idempotencyKey, bodyText }, generate),
        seal: async (answer) =>
          seal(ctx, reply, answer, {
            response_status: 'success',
            security_tier: tier,
            memory_protection: printMemoryProtection(memory.state),
            cuda_device: await graphicsCards,
            tpm_attestation: await attestation,
          }),
      };
    },
    async describeProtection() {
      return {
        memory: memory.state,
        isMaximumTierAvailable: isMemoryProtected(memory),
        graphicsCards: await graphicsCards,
        attestation: await attestor.state(),
      };
    },
    close() {
      keys.close();
      attestor.close();
    },
  };
}

function openKeyRing({ clock, onFault, generateKey }: SealedChatOptions): KeyRing {
  return createKeyRing({
    clock,
    generate: generateKey ?? (() => generateServerKey()),
    onFault: (error) => onFault('sealed-key-not-made', error),
  });
}
