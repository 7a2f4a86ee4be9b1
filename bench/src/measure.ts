import { messageOf, startChild } from './child.ts';
import type { Load, LoadResult } from './load.ts';
import type { ProcessUsage } from './process-usage.ts';
import type { Target } from './target.ts';

/** Beyond warm-up and measurement: connecting, and stopping. */
const OVERHEAD_MS = 30_000;

export interface Measurement extends LoadResult {
  /** Processor time of the target's process for one answer, or one chunk of a stream. */
  readonly cpuMicrosPerUnit: number | undefined;
  readonly rssMegabytes: number | undefined;
}

/** Sends one load from a process of its own, and reads what it cost the target. */
export async function measure(target: Target, load: Load): Promise<Measurement> {
  const generator = startChild('load-generator');
  try {
    const before = target.usage();
    generator.send(load);
    const limitMs = load.warmupMs + load.measureMs + OVERHEAD_MS;
    const result = (await messageOf(generator, limitMs)) as LoadResult;
    const after = target.usage();
    return {
      ...result,
      cpuMicrosPerUnit: cpuPerUnit(before, after, result.chunks || result.answered),
      rssMegabytes: after?.rssMegabytes,
    };
  } finally {
    generator.kill('SIGKILL');
  }
}

/** The most RSA-4096 decryptions per second that this machine does: the bound of sealed v1. */
export async function measureRsaBound(measureMs: number): Promise<number> {
  const child = startChild('rsa-bound');
  try {
    child.send(measureMs);
    return (await messageOf(child, measureMs + OVERHEAD_MS)) as number;
  } finally {
    child.kill('SIGKILL');
  }
}

function cpuPerUnit(
  before: ProcessUsage | undefined,
  after: ProcessUsage | undefined,
  units: number,
): number | undefined {
  if (!before || !after || units === 0) return undefined;
  return ((after.cpuSeconds - before.cpuSeconds) * 1_000_000) / units;
}
