import { createHash } from 'node:crypto';
import type { TpmClient } from './client.ts';
import { sized, u16, u32, u8 } from './wire.ts';

const CODE = {
  evictControl: 0x120,
  createPrimary: 0x131,
  quote: 0x158,
  flushContext: 0x165,
  readPublic: 0x173,
  getRandom: 0x17b,
  pcrRead: 0x17e,
} as const;

const OWNER = 0x4000_0001;
const ENDORSEMENT = 0x4000_000b;
const SHA256 = 0x000b;
const NULL_ALGORITHM = 0x0010;

const SHORT_TIMEOUT_MS = 2_000;
/** Making a key is slow in hardware and happens once, off the request path. */
const KEY_TIMEOUT_MS = 30_000;

/** PCRs of the SHA-256 bank. */
export type PcrIndexes = readonly number[];

export interface Quote {
  /** TPMS_ATTEST, without a size prefix. */
  readonly attest: Buffer;
  /** TPMT_SIGNATURE. */
  readonly signature: Buffer;
}

export async function getRandom(tpm: TpmClient, byteCount: number): Promise<Buffer> {
  const command = {
    code: CODE.getRandom,
    handles: [],
    parameters: [u16(byteCount)],
    isAuthorized: false,
  };
  const { parameters } = await tpm.run(command, { timeoutMs: SHORT_TIMEOUT_MS });
  return parameters.sized();
}

/** The values by index. A TPM returns at most eight per command, so it is asked until all are there. */
export async function readPcrs(
  tpm: TpmClient,
  pcrs: PcrIndexes,
): Promise<ReadonlyMap<number, Buffer>> {
  const values = new Map<number, Buffer>();
  while (values.size < pcrs.length) {
    const missing = pcrs.filter((index) => !values.has(index));
    const read = await readSomePcrs(tpm, missing);
    if (read.length === 0) throw new Error('the TPM has no such PCR in its SHA-256 bank');
    for (const [index, value] of read) values.set(index, value);
  }
  return values;
}

async function readSomePcrs(
  tpm: TpmClient,
  pcrs: PcrIndexes,
): Promise<readonly (readonly [number, Buffer])[]> {
  const command = {
    code: CODE.pcrRead,
    handles: [],
    parameters: [selection(pcrs)],
    isAuthorized: false,
  };
  const { parameters } = await tpm.run(command, { timeoutMs: SHORT_TIMEOUT_MS });
  parameters.u32(); // the update counter
  if (parameters.u32() !== 1) return [];
  parameters.u16();
  const bitmap = parameters.take(parameters.u8());
  const indexes = pcrs.filter((index) => ((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1);
  const count = parameters.u32();
  return indexes.slice(0, count).map((index) => [index, Buffer.from(parameters.sized())] as const);
}

/**
 * Makes the attestation key: ECDSA P-256, restricted to signing what the TPM itself states. A primary key is derived
 * from the TPM's seed and this template, so the same TPM makes the same key again.
 */
export async function createAttestationKey(
  tpm: TpmClient,
): Promise<{ handle: number; publicArea: Buffer }> {
  const noSensitive = sized(Buffer.concat([sized(Buffer.alloc(0)), sized(Buffer.alloc(0))]));
  const command = {
    code: CODE.createPrimary,
    handles: [ENDORSEMENT],
    parameters: [noSensitive, sized(attestationTemplate()), sized(Buffer.alloc(0)), u32(0)],
    isAuthorized: true,
  };
  const reply = await tpm.run(command, { timeoutMs: KEY_TIMEOUT_MS, returnsHandle: true });
  return { handle: reply.handle, publicArea: sized(reply.parameters.sized()) };
}

function attestationTemplate(): Buffer {
  const ECC = 0x0023;
  const ECDSA = 0x0018;
  const NIST_P256 = 0x0003;
  // fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign
  const ATTRIBUTES = 0x0005_0072;
  // Makes the key ours alone: other software using the usual template derives another one.
  const unique = createHash('sha256').update('sealgate attestation key v1').digest();
  const scheme = [
    u16(NULL_ALGORITHM),
    u16(ECDSA),
    u16(SHA256),
    u16(NIST_P256),
    u16(NULL_ALGORITHM),
  ];
  const head = [u16(ECC), u16(SHA256), u32(ATTRIBUTES), sized(Buffer.alloc(0))];
  return Buffer.concat([...head, ...scheme, sized(unique), sized(Buffer.alloc(32))]);
}

/** TPM2B_PUBLIC of a loaded or persistent key. */
export async function readPublic(tpm: TpmClient, handle: number): Promise<Buffer> {
  const command = { code: CODE.readPublic, handles: [handle], parameters: [], isAuthorized: false };
  const { parameters } = await tpm.run(command, { timeoutMs: SHORT_TIMEOUT_MS });
  return sized(parameters.sized());
}

/** Keeps a loaded key under a persistent handle, where it survives restarts. */
export async function makePersistent(
  tpm: TpmClient,
  handle: number,
  persistentHandle: number,
): Promise<void> {
  const command = {
    code: CODE.evictControl,
    handles: [OWNER, handle],
    parameters: [u32(persistentHandle)],
    isAuthorized: true,
  };
  await tpm.run(command, { timeoutMs: KEY_TIMEOUT_MS });
}

export async function flushContext(tpm: TpmClient, handle: number): Promise<void> {
  const command = {
    code: CODE.flushContext,
    handles: [handle],
    parameters: [],
    isAuthorized: false,
  };
  await tpm.run(command, { timeoutMs: SHORT_TIMEOUT_MS });
}

export async function quote(
  tpm: TpmClient,
  keyHandle: number,
  input: { readonly qualifyingData: Uint8Array; readonly pcrs: PcrIndexes },
): Promise<Quote> {
  const command = {
    code: CODE.quote,
    handles: [keyHandle],
    parameters: [sized(input.qualifyingData), u16(NULL_ALGORITHM), selection(input.pcrs)],
    isAuthorized: true,
  };
  const { parameters } = await tpm.run(command, { timeoutMs: SHORT_TIMEOUT_MS });
  return {
    attest: Buffer.from(parameters.sized()),
    signature: Buffer.from(parameters.take(parameters.remaining)),
  };
}

/** TPML_PCR_SELECTION of one bank: bit `i % 8` of byte `i / 8` stands for PCR `i`. */
function selection(pcrs: PcrIndexes): Buffer {
  const bitmap = Buffer.alloc(3);
  for (const index of pcrs) bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7));
  return Buffer.concat([u32(1), u16(SHA256), u8(bitmap.length), bitmap]);
}
