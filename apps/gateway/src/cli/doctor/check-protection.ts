import type { Config } from '../../config.ts';
import {
  createSealedChat,
  DEFAULT_ATTESTATION,
  DEFAULT_SEALED_LIMITS,
  type AttestationState,
  type Protection,
} from '../../inference/sealed/index.ts';
import { systemClock } from '../../platform/clock.ts';
import type { MemoryState } from '../../platform/memory/index.ts';
import { Secret } from '../../platform/secret.ts';
import { good, note, problem, type Finding } from './finding.ts';

const MEBIBYTE = 1024 * 1024;
const LARGEST_REQUEST_BYTES = 10 * MEBIBYTE;
const RAISE_LIMIT =
  'Raise the limit of locked memory to 16 MiB: "ulimit -l 16384", LimitMEMLOCK=16M in a systemd unit, "--ulimit memlock=16777216" in Docker.';

/** What shields the plaintext of sealed chats and the keys that open them. */
export async function checkProtection(config: Config): Promise<readonly Finding[]> {
  if (!config.sealed.isOn) {
    return [note('sealed chat', 'It is switched off.', 'Set SEALGATE_SEALED=on.')];
  }
  const sealed = await createSealedChat({
    clock: systemClock,
    installationSecret: new Secret('doctor'),
    limits: DEFAULT_SEALED_LIMITS,
    attestation: { ...DEFAULT_ATTESTATION, tpm: config.tpm },
    isMemoryLockingWanted: true,
    onFault: () => undefined,
    // Seconds of work for a key that nobody would use.
    generateKey: () => new Promise(() => undefined),
  });
  try {
    return describe(await sealed.describeProtection());
  } finally {
    sealed.close();
  }
}

function describe(protection: Protection): readonly Finding[] {
  const { memory, graphicsCards, attestation } = protection;
  return [
    describeSecureHeap(memory),
    describeLocking(memory),
    protection.isMaximumTierAvailable
      ? good('tier maximum', 'It works here, for models that run on this machine.')
      : problem(
          'tier maximum',
          'It is refused with 503: memory is not locked.',
          'See "locked memory".',
        ),
    describeAttestation(attestation),
    graphicsCards.is_available
      ? good('GPU', `${graphicsCards.device_count} found; answers name them by keyed hashes.`)
      : note('GPU', 'None found (nvidia-smi); answers say so.'),
  ];
}

function describeSecureHeap({ secureHeapBytes }: MemoryState): Finding {
  return secureHeapBytes > 0
    ? good('private keys', `They lie in OpenSSL's secure heap (${secureHeapBytes / 1024} KiB).`)
    : problem(
        'private keys',
        'They lie in ordinary memory, which may be swapped to disk.',
        `Start with "sealgate start" or "npm start". ${RAISE_LIMIT}`,
      );
}

function describeLocking({ locking }: MemoryState): Finding {
  if (locking.kind === 'effective') {
    const text = `${locking.slabBytes / MEBIBYTE} MiB hold the plaintext of sealed requests.`;
    return locking.slabBytes >= LARGEST_REQUEST_BYTES
      ? good('locked memory', text)
      : note(
          'locked memory',
          `${text} Larger ones stay in ordinary memory until they are wiped.`,
          RAISE_LIMIT,
        );
  }
  const fixes = {
    'switched-off': 'Switch it on.',
    'sodium-native-missing':
      'Install on a system that the package sodium-native has a build for (not Alpine), without --omit=optional.',
    'lock-refused': RAISE_LIMIT,
  };
  return problem(
    'locked memory',
    'Plaintext is wiped after use, but may be swapped to disk before.',
    fixes[locking.reason],
  );
}

function describeAttestation(attestation: AttestationState): Finding {
  switch (attestation.kind) {
    case 'ready':
      return good(
        'TPM',
        `It signs quotes with the key ${attestation.keyName}. Clients can pin this name.`,
      );
    case 'failed':
      return problem(
        'TPM',
        `It does not work: ${attestation.reason}.`,
        'Check SEALGATE_TPM and who may open the device.',
      );
    case 'absent':
      return note(
        'TPM',
        'None is usable, so answers carry no quote.',
        'Let this user open /dev/tpmrm0 (group tss), or name another in SEALGATE_TPM.',
      );
  }
}
