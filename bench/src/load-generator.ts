// A process of its own: takes one Load over IPC, answers with one LoadResult.
import { type Connection, openConnection } from './connection.ts';
import { type Load, type LoadResult, MARK, monotonicMicros } from './load.ts';
import { quantilesOf } from './statistics.ts';

const PACE_TICK_MS = 1;
/** After the last measurement, for answers that are under way. */
const GRACE_MS = 250;

async function generate(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const firstBytes: number[] = [];
  const chunkDelays: number[] = [];
  const requests = load.requests.map((request) => Buffer.from(request));
  const idle: Connection[] = [];
  const overdue: number[] = [];
  let next = 0;
  let answered = 0;
  let chunks = 0;
  let errors = 0;
  let isMeasuring = false;
  let isOver = false;

  function send(connection: Connection, dueAt = performance.now()): void {
    const request = requests[next++ % requests.length];
    if (request) connection.send(request, dueAt);
  }

  /** At a steady pace, a request for which no connection was free is sent late and counts as slow. */
  function sendOverdue(connection: Connection): void {
    const dueAt = overdue.shift();
    if (dueAt === undefined) idle.push(connection);
    else send(connection, dueAt);
  }

  const listener = {
    onAnswer(connection: Connection, status: number, firstByteMs: number, latencyMs: number) {
      if (isOver) return;
      answered += 1;
      if (status !== 200) errors += 1;
      else if (isMeasuring) {
        latencies.push(latencyMs);
        firstBytes.push(firstByteMs);
      }
      if (load.ratePerSecond === undefined) send(connection);
      else sendOverdue(connection);
    },
    onBody(piece: Buffer) {
      const now = Number(monotonicMicros());
      for (const [, mark] of piece.toString('latin1').matchAll(MARK)) {
        chunks += 1;
        if (isMeasuring) chunkDelays.push((now - Number(mark)) / 1000);
      }
    },
    onFailure() {
      if (!isOver) errors += 1;
    },
  };

  const connections = await Promise.all(
    Array.from({ length: load.connections }, () => openConnection(load.port, listener)),
  );
  const pace = start(connections);
  await pause(load.warmupMs);
  isMeasuring = true;
  const startedAt = performance.now();
  await pause(load.measureMs);
  isMeasuring = false;
  const elapsedMs = performance.now() - startedAt;
  isOver = true;
  clearInterval(pace);
  connections.forEach((connection) => connection.close());
  await pause(GRACE_MS);
  const seconds = elapsedMs / 1000;
  return {
    perSecond: latencies.length / seconds,
    answered,
    chunks,
    errors,
    latencyMs: quantilesOf(latencies),
    firstByteMs: quantilesOf(firstBytes),
    chunkDelayMs: quantilesOf(chunkDelays),
    chunksPerSecond: chunkDelays.length / seconds,
  };

  function start(all: readonly Connection[]): NodeJS.Timeout | undefined {
    if (load.ratePerSecond === undefined) {
      // Spread over the warm-up, so that streams do not beat in step.
      const gapMs = load.warmupMs / 2 / all.length;
      all.forEach((connection, index) => setTimeout(() => send(connection), index * gapMs));
      return undefined;
    }
    idle.push(...all);
    return paceOf(load.ratePerSecond, () => {
      const connection = idle.pop();
      if (connection) send(connection);
      else overdue.push(performance.now());
    });
  }
}

/** Calls `tick` at a steady rate, and catches up after a late timer. */
function paceOf(ratePerSecond: number, tick: () => void): NodeJS.Timeout {
  const startedAt = performance.now();
  let ticks = 0;
  return setInterval(() => {
    const due = ((performance.now() - startedAt) * ratePerSecond) / 1000;
    for (; ticks < due; ticks += 1) tick();
  }, PACE_TICK_MS);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

process.once('message', (load: Load) => {
  void generate(load).then((result) => {
    process.send?.(result);
    process.disconnect();
  });
});
