import type { Cancellation } from '../../platform/cancellation.ts';
import type { StreamTranslator, UpstreamFailure } from '../upstreams/index.ts';
import type { OpenStream } from './attempt.ts';
import type { StreamEnding, StreamFrames } from './stream-frames.ts';

/** The caller's end of a stream. */
export interface StreamClient {
  /** `false`: the caller is slower than the model; go on after `onDrain`. */
  write(chunk: Buffer): boolean;
  onDrain(listener: () => void): void;
}

export type RelayEnding =
  | StreamEnding
  | { readonly kind: 'failed'; readonly failure: UpstreamFailure }
  | { readonly kind: 'aborted' };

/**
 * Passes the upstream's bytes to the caller as they come, through `frames`, with back-pressure both ways. Resolves once,
 * however it ends; the last frames are left to the caller of this function, who settles first.
 */
export function relay(
  stream: OpenStream,
  client: StreamClient,
  through: {
    readonly frames: StreamFrames;
    readonly translator: StreamTranslator | undefined;
    readonly cancellation: Cancellation;
  },
): Promise<RelayEnding> {
  const { frames, translator, cancellation } = through;
  return new Promise((resolve) => {
    const onAbort = (): void => {
      stream.abort();
      finish({ kind: 'aborted' });
    };
    const finish = (ending: RelayEnding): void => {
      cancellation.remove(onAbort);
      resolve(ending);
    };
    /** Broken bytes end the exchange like a broken connection. */
    const guarded = (step: () => boolean): boolean => {
      try {
        return step();
      } catch (cause) {
        stream.abort();
        finish({ kind: 'failed', failure: { kind: 'broken', cause: cause as Error } });
        return false;
      }
    };
    const pass = (bytes: Buffer): boolean => {
      const passed = frames.push(bytes);
      const isTaken = passed.length === 0 || client.write(passed);
      // The connection may stay open for long; whoever waits has everything.
      if (frames.isOver) finish(frames.ending());
      return isTaken;
    };
    if (cancellation.isCancelled) return onAbort();
    cancellation.add(onAbort);
    client.onDrain(() => stream.resume());
    return stream.read({
      onData: (chunk) => guarded(() => pass(translator ? translator.push(chunk) : chunk)),
      onEnd: () => {
        guarded(() => translator === undefined || pass(translator.end()));
        finish(frames.ending());
      },
      onFailure: (failure) => finish({ kind: 'failed', failure }),
    });
  });
}
