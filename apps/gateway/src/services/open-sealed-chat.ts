import type { Config } from '../config.ts';
import {
  createSealedChat,
  DEFAULT_ATTESTATION,
  DEFAULT_SEALED_LIMITS,
  type SealedChat,
} from '../inference/sealed/index.ts';
import { systemClock } from '../platform/clock.ts';
import { installationSecret } from '../platform/installation.ts';
import type { Log } from '../platform/telemetry/index.ts';
import type { OnClose } from './on-close.ts';
import { StartProblem } from './start-problem.ts';

/** `undefined`: switched off. */
export async function openSealedChat(
  config: Config,
  log: Log,
  onClose: OnClose,
): Promise<SealedChat | undefined> {
  if (!config.sealed.isOn) return undefined;
  const { requestsPerSecond, burstRequests } = config.sealed;
  const sealed = await createSealedChat({
    clock: systemClock,
    installationSecret: await installationSecret(config.dataDir),
    limits: { ...DEFAULT_SEALED_LIMITS, requestsPerSecond, burstRequests },
    attestation: { ...DEFAULT_ATTESTATION, tpm: config.tpm },
    isMemoryLockingWanted: true,
    onFault: (fault, error) => log.error({ err: error }, fault),
  });
  onClose(() => sealed.close());
  if (!config.isMemoryLockRequired) return sealed;
  const { isMaximumTierAvailable, memory } = await sealed.describeProtection();
  if (isMaximumTierAvailable) return sealed;
  throw new StartProblem(
    `SEALGATE_STRICT_MEMORY is on, but memory cannot be locked here (${JSON.stringify(memory.locking)}). ` +
      'Run "sealgate doctor" for the fix.',
  );
}
