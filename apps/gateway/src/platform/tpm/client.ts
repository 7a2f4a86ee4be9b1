import { setTimeout } from 'node:timers/promises';
import { openConnection, type TpmAddress, type TpmConnection } from './connection.ts';
import { TpmReader, u16, u32 } from './wire.ts';

const NO_SESSIONS = 0x8001;
const SESSIONS = 0x8002;
/** "Not now, send it again": testing itself, or writing its flash. */
const TRY_AGAIN: ReadonlySet<number> = new Set([0x908, 0x90a, 0x922]);
const MAX_TRIES = 10;
const PAUSE_MS = 20;
/** One password session with an empty password (TPM_RS_PW). */
const EMPTY_PASSWORD = Buffer.from('40000009'.concat('0000', '00', '0000'), 'hex');

export interface TpmCommand {
  readonly code: number;
  readonly handles: readonly number[];
  readonly parameters: readonly Buffer[];
  /** Does the first handle need its (empty) authorization? */
  readonly isAuthorized: boolean;
}

export type TpmProblem = 'refused' | 'timeout' | 'broken';

export class TpmError extends Error {
  override readonly name = 'TpmError';
  readonly problem: TpmProblem;

  constructor(problem: TpmProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

export interface TpmReply {
  /** The handle that commands creating an object return. */
  readonly handle: number;
  readonly parameters: TpmReader;
}

/** A TPM takes one command at a time; this one queues them and gives up on a TPM that hangs. */
export interface TpmClient {
  /** Commands waiting or running. */
  readonly queueLength: number;
  run(
    command: TpmCommand,
    options: { timeoutMs: number; returnsHandle?: boolean },
  ): Promise<TpmReply>;
  close(): void;
}

export function createTpmClient(address: TpmAddress): TpmClient {
  let connection: TpmConnection | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let queueLength = 0;

  const drop = () => {
    connection?.close();
    connection = undefined;
  };
  const exchange = async (bytes: Buffer): Promise<Buffer> => {
    connection ??= await openConnection(address);
    // Tries again on this connection only: once it is given up, another command owns the next one.
    const opened = connection;
    for (let attempt = 1; ; attempt += 1) {
      const reply = await opened.exchange(bytes);
      if (attempt === MAX_TRIES || !TRY_AGAIN.has(responseCodeOf(reply))) return reply;
      await setTimeout(PAUSE_MS, undefined, { ref: false });
    }
  };
  const send = async (bytes: Buffer, timeoutMs: number): Promise<Buffer> => {
    try {
      return await withTimeout(exchange(bytes), timeoutMs);
    } catch (error) {
      // After a timeout a late reply would be taken for the next command's.
      drop();
      if (error instanceof TpmError) throw error;
      throw new TpmError('broken', 'the TPM connection failed', { cause: error });
    }
  };

  return {
    get queueLength() {
      return queueLength;
    },
    async run(command, { timeoutMs, returnsHandle = false }) {
      queueLength += 1;
      const turn = queue.then(() => send(encode(command), timeoutMs));
      queue = turn.catch(() => undefined);
      try {
        return decode(await turn, command.isAuthorized, returnsHandle);
      } finally {
        queueLength -= 1;
      }
    },
    close: drop,
  };
}

function encode(command: TpmCommand): Buffer {
  const session = command.isAuthorized ? [u32(EMPTY_PASSWORD.length), EMPTY_PASSWORD] : [];
  const body = Buffer.concat([...command.handles.map(u32), ...session, ...command.parameters]);
  const tag = command.isAuthorized ? SESSIONS : NO_SESSIONS;
  return Buffer.concat([u16(tag), u32(10 + body.length), u32(command.code), body]);
}

function decode(bytes: Buffer, isAuthorized: boolean, returnsHandle: boolean): TpmReply {
  const reader = new TpmReader(bytes);
  reader.take(6);
  const responseCode = reader.u32();
  if (responseCode !== 0) {
    throw new TpmError(
      'refused',
      `the TPM answered 0x${responseCode.toString(16).padStart(3, '0')}`,
    );
  }
  const handle = returnsHandle ? reader.u32() : 0;
  const parameters = isAuthorized ? new TpmReader(reader.take(reader.u32())) : reader;
  return { handle, parameters };
}

/** A reply too short to have a code passes as success here and fails in `decode`. */
function responseCodeOf(reply: Buffer): number {
  return reply.length < 10 ? 0 : reply.readUInt32BE(6);
}

function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const timer = new AbortController();
  const timeout = setTimeout(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new TpmError('timeout', `the TPM did not answer in ${timeoutMs} ms`);
  });
  return Promise.race([work, timeout]).finally(() => timer.abort());
}
