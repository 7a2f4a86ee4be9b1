import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../../platform/secret.ts';

/** `_metadata.cuda_device`, in its wire spelling. The first two are how the newest published client names it. */
export interface CudaDevice {
  readonly available: boolean;
  /** The name's hash of the first device; empty without one. */
  readonly device_hash: string;
  readonly is_available: boolean;
  readonly device_count: number;
  readonly devices: readonly {
    readonly name_hash: string;
    readonly uuid_hash: string;
    readonly memory_total_mb: number;
  }[];
}

const NONE: CudaDevice = {
  available: false,
  device_hash: '',
  is_available: false,
  device_count: 0,
  devices: [],
};
const QUERY = ['--query-gpu=name,uuid,memory.total', '--format=csv,noheader,nounits'];
const TIMEOUT_MS = 10_000;

/** Asks the driver's own tool, once. No tool, no driver, no answer: no GPU. */
export async function findGraphicsCards(
  installationSecret: Secret,
  program = 'nvidia-smi',
): Promise<CudaDevice> {
  const output = await promisify(execFile)(program, QUERY, { timeout: TIMEOUT_MS }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const devices = output.split('\n').flatMap((line) => readLine(line, installationSecret));
  const [first] = devices;
  if (first === undefined) return NONE;
  return {
    available: true,
    device_hash: first.name_hash,
    is_available: true,
    device_count: devices.length,
    devices,
  };
}

function readLine(line: string, secret: Secret): CudaDevice['devices'] {
  const [name, uuid, memory] = line.split(',').map((cell) => cell.trim());
  if (name === undefined || uuid === undefined || !/^\d+$/.test(memory ?? '')) return [];
  return [
    {
      name_hash: hash(secret, 'gpu-name', name),
      uuid_hash: hash(secret, 'gpu-uuid', uuid),
      memory_total_mb: Number(memory),
    },
  ];
}

/** Keyed, because a plain hash of one of a few product names is the name. */
function hash(secret: Secret, label: string, value: string): string {
  return createHmac('sha256', secret.reveal()).update(`${label}\0${value}`).digest('hex');
}
