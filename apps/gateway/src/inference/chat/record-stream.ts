import type { Recording, Visit } from '../cache/index.ts';
import type { Candidate } from './admit.ts';
import type { StreamOutlet } from './answer-stream.ts';
import { assembleAnswer } from './assemble-answer.ts';
import { isKeepable } from './keepable.ts';
import type { MeasuredUsage } from './measure-usage.ts';
import type { ChatServices } from './services.ts';
import type { Ending } from './settle.ts';

export type KeepStream = (
  candidate: Candidate,
  account: Pick<Ending, 'usage' | 'usageSource'>,
) => void;

interface Recorded {
  readonly outlet: StreamOutlet;
  readonly keep: KeepStream;
}

/** Runs the work with an outlet that remembers what went out, if that may be kept. */
export async function recordStream<Result>(
  { cache }: Pick<ChatServices, 'cache'>,
  { visit, outlet }: { readonly visit: Visit | undefined; readonly outlet: StreamOutlet },
  work: (recorded: Recorded) => Promise<Result>,
): Promise<Result> {
  if (cache === undefined || visit === undefined) return work({ outlet, keep: () => undefined });
  const recording = cache.record();
  let isKept = false;
  try {
    return await work({
      outlet: through(outlet, recording),
      keep: (candidate, { usage, usageSource }) => {
        if (usageSource === 'none') return;
        isKept = true;
        void keepLater(visit, recording, { candidate, measured: { usage, usageSource } });
      },
    });
  } finally {
    if (!isKept) recording.end();
  }
}

const through = (outlet: StreamOutlet, recording: Recording): StreamOutlet => ({
  begin: (head) => outlet.begin(head),
  onDrain: (listener) => outlet.onDrain(listener),
  write: (chunk) => {
    recording.note(chunk);
    return outlet.write(chunk);
  },
  end: (chunk) => {
    recording.note(chunk);
    outlet.end(chunk);
  },
});

interface Answered {
  readonly candidate: Candidate;
  readonly measured: MeasuredUsage;
}

/** Put together when the caller has it already. */
async function keepLater(
  visit: Visit,
  recording: Recording,
  { candidate, measured }: Answered,
): Promise<void> {
  const frames = recording.bytes();
  const text = frames && (await assembleAnswer(frames, measured));
  recording.end();
  const answer = text && { modelId: candidate.model.id, text, ...measured };
  if (answer && isKeepable('chat', answer)) visit.keep(answer);
}
