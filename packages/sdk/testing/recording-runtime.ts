import type { Runtime } from '../src/index.ts';

/** Real network; recorded instead of real waiting, and no chance. */
export interface RecordingRuntime extends Runtime {
  readonly waitsMs: number[];
  readonly timers: { readonly ms: number; readonly task: () => void; isStopped: boolean }[];
}

export function recordingRuntime(nowMs = 1_800_000_000_000): RecordingRuntime {
  const waitsMs: number[] = [];
  const timers: RecordingRuntime['timers'] = [];
  return {
    waitsMs,
    timers,
    fetch: globalThis.fetch,
    delay: (ms) => {
      waitsMs.push(ms);
      return Promise.resolve();
    },
    random: () => 0,
    now: () => nowMs,
    every: (ms, task) => {
      const timer = { ms, task, isStopped: false };
      timers.push(timer);
      return () => {
        timer.isStopped = true;
      };
    },
  };
}
