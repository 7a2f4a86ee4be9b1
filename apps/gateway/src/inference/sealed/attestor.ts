import { setTimeout } from 'node:timers/promises';
import { attestationKeyName, type TpmAttestation } from '@sealgate/protocol';
import type { Clock } from '../../platform/clock.ts';
import {
  createTpmClient,
  findTpm,
  obtainAttestationKey,
  type TpmSetting,
} from '../../platform/tpm/index.ts';
import { createQuoteDesk, type QuoteDesk, type QuoteRequest } from './quote-desk.ts';

export interface AttestationSettings {
  readonly tpm: TpmSetting;
  /** Where the attestation key is, or is to be kept. */
  readonly keyHandle: number;
  /** Ascending, below 24. */
  readonly pcrs: readonly number[];
}

/** Firmware, Secure Boot, and what the kernel measured. */
export const DEFAULT_ATTESTATION: AttestationSettings = {
  tpm: { kind: 'auto' },
  keyHandle: 0x8101_0010,
  pcrs: [0, 7, 10],
};

export type AttestationState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** `keyName` is what an operator enrols and a client pins. */
  | { readonly kind: 'ready'; readonly keyName: string; readonly isKeyPersistent: boolean };

/** Gets TPM quotes for replies. Never fails and never takes long: without a quote it says so. */
export interface Attestor {
  quoteFor(request: QuoteRequest): Promise<TpmAttestation>;
  state(): Promise<AttestationState>;
  close(): void;
}

export interface AttestorOptions {
  readonly clock: Clock;
  readonly settings: AttestationSettings;
  readonly onFault: (error: unknown) => void;
}

/** The longest that a request waits for its quote. */
const PATIENCE_MS = 2_000;
const RETRY_AFTER_MS = 30_000;
const UNAVAILABLE: TpmAttestation = { is_available: false };

interface Station {
  readonly desk: QuoteDesk;
  readonly state: AttestationState;
  close(): void;
}

export function createAttestor({ clock, settings, onFault }: AttestorOptions): Attestor {
  let failure: { readonly reason: string; readonly atMs: number } | undefined;
  const fail = (error: unknown): undefined => {
    // One hang fails every quote that waits; one report is enough.
    if (!failure) onFault(error);
    failure ??= { reason: error instanceof Error ? error.message : 'unknown', atMs: clock() };
  };
  const openStation = () => open(settings, clock).catch(fail);
  let station = openStation();

  const reopenAfterFailure = () => {
    if (!failure || clock() - failure.atMs < RETRY_AFTER_MS) return;
    failure = undefined;
    void station.then((old) => old?.close());
    station = openStation();
  };
  const attest = async (request: QuoteRequest): Promise<TpmAttestation> => {
    reopenAfterFailure();
    const opened = failure ? undefined : await station;
    return opened ? opened.desk.quoteFor(request) : UNAVAILABLE;
  };

  return {
    async quoteFor(request) {
      const timer = new AbortController();
      const patience = setTimeout(PATIENCE_MS, UNAVAILABLE, { signal: timer.signal });
      const attestation = attest(request).catch((error: unknown) => fail(error) ?? UNAVAILABLE);
      return Promise.race([attestation, patience]).finally(() => timer.abort());
    },
    async state() {
      const opened = await station;
      if (failure) return { kind: 'failed', reason: failure.reason };
      return opened?.state ?? { kind: 'absent' };
    },
    close() {
      void station.then((opened) => opened?.close());
    },
  };
}

async function open(settings: AttestationSettings, clock: Clock): Promise<Station | undefined> {
  const address = await findTpm(settings.tpm);
  if (!address) return undefined;
  const tpm = createTpmClient(address);
  try {
    const key = await obtainAttestationKey(tpm, settings.keyHandle);
    const keyName = (await attestationKeyName(key.publicArea)) ?? 'unknown';
    return {
      desk: createQuoteDesk({ tpm, key, pcrs: settings.pcrs }, clock),
      state: { kind: 'ready', keyName, isKeyPersistent: key.isPersistent },
      close: () => tpm.close(),
    };
  } catch (error) {
    tpm.close();
    throw error;
  }
}
