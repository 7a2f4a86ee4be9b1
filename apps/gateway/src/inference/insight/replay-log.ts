import type { LoggedDecision } from '../../customers/decisions/index.ts';
import { drawOf } from './draw.ts';
import { readLogLine } from './log-line.ts';
import type { Policy } from './policy.ts';
import { Replay, type Replayed } from './replay.ts';

export interface ReplayedLog {
  /** Lines with a decision. */
  readonly decisions: number;
  /** Those that were drawn; see `drawOf`. */
  readonly drawn: number;
  readonly policies: readonly Replayed[];
}

/** A line that is no logged decision. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  readonly line: number;

  constructor(line: number, fault: string) {
    super(fault);
    this.line = line;
  }
}

/** Runs policies over a log of any length, line by line. */
export async function replayLog(
  lines: AsyncIterable<string>,
  policies: readonly Policy[],
  tier?: LoggedDecision['tier'],
): Promise<ReplayedLog> {
  const replays = policies.map((policy) => new Replay(policy));
  let line = 0;
  let decisions = 0;
  let drawn = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const read = readLogLine(text);
    if (read.kind === 'fault') throw new LogFault(line, read.fault);
    if (tier !== undefined && read.decision.tier !== tier) continue;
    decisions += 1;
    const draw = drawOf(read.decision);
    if (draw === undefined) continue;
    drawn += 1;
    for (const replay of replays) replay.note(draw);
  }
  return { decisions, drawn, policies: replays.map((replay) => replay.report()) };
}
