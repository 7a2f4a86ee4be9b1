import type { TokenUsage } from '../../customers/billing/index.ts';
import { DeliveredText } from './delivered-text.ts';
import { readUsage } from './usage.ts';
import { WholeFrames } from './whole-frames.ts';

/** How the upstream's stream ended, as far as its frames tell. */
export type StreamEnding =
  | { readonly kind: 'complete' }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'cut' };

const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const NONE = Buffer.alloc(0);
const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const QUOTE = 0x22;
const BRACE = 0x7b;

/**
 * Watches an OpenAI event stream go by. Whole frames without news are passed on as the very bytes that came; only frames
 * that may carry usage, a finish reason, an error or the end are parsed. The last choice frame is held back, because the
 * gateway's own facts ride on it.
 */
export class StreamFrames {
  readonly #isUsageWanted: boolean;
  readonly #whole = new WholeFrames();
  #held: Record<string, unknown> | undefined;
  #usageFrame: Record<string, unknown> | undefined;
  #hasFinished = false;
  #ending: StreamEnding | undefined;
  usage: TokenUsage | undefined;
  /** What the host calls the model that answered, by a frame that is read anyway. */
  answeredModel: string | undefined;
  /** What the frames have said, for counting where no usage is reported. */
  readonly delivered = new DeliveredText();
  #isCutShort = false;

  constructor(isUsageWanted: boolean) {
    this.#isUsageWanted = isUsageWanted;
  }

  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /** Takes a piece of the stream, gives what the client shall have now. Throws `Error` on a frame beyond 16 MB. */
  push(chunk: Buffer): Buffer {
    if (this.#ending) return NONE;
    const frames = this.#whole.take(chunk);
    if (this.#whole.pendingBytes > MAX_FRAME_BYTES) throw new Error('a stream frame is too large');
    if (frames.length === 0) return NONE;
    this.delivered.note(frames);
    return hasNews(frames) || this.#held ? this.#examine(frames) : frames;
  }

  /** How it ended, once the upstream has closed. Some hosts never say `[DONE]`; a finish reason is enough. */
  ending(): StreamEnding {
    if (this.#ending) return this.#ending;
    const rest = this.#whole.rest();
    if (rest.length > 0) this.#examine(Buffer.concat([rest, Buffer.from('\n\n')]));
    return this.#ending ?? (this.#hasFinished ? { kind: 'complete' } : { kind: 'cut' });
  }

  /** It said nothing, and not because its caller has limited it: nobody pays for that. */
  get isFree(): boolean {
    return this.delivered.isEmpty && !this.#isCutShort;
  }

  /** The last frames of a complete stream, with the gateway's facts on the last one before `[DONE]`. */
  close(facts: object): Buffer {
    const last = this.#isUsageWanted ? this.#usageFrame : undefined;
    const held = this.#held ?? { object: 'chat.completion.chunk', choices: [] };
    const frames = last ? [held, { ...last, nexevo: facts }] : [{ ...held, nexevo: facts }];
    return Buffer.from(`${frames.map(printFrame).join('')}data: [DONE]\n\n`);
  }

  #examine(frames: Buffer): Buffer {
    const passed: Buffer[] = [];
    for (const frame of splitFrames(frames)) {
      const kept = this.#examineFrame(frame);
      if (kept) passed.push(kept);
      if (this.#ending) break;
    }
    return passed.length === 1 ? (passed[0] ?? NONE) : Buffer.concat(passed);
  }

  /** The bytes to pass on now, or `undefined` when the frame was the end, or is held or swallowed. */
  #examineFrame(frame: Buffer): Buffer | undefined {
    const data = dataOf(frame);
    if (data === undefined) return frame;
    if (data === '[DONE]') {
      this.#ending = { kind: 'complete' };
      return undefined;
    }
    const value: unknown = parse(data);
    if (typeof value !== 'object' || value === null) {
      this.#ending = { kind: 'error', error: { message: 'a frame is not JSON' } };
      return undefined;
    }
    const fields = value as Record<string, unknown>;
    if (fields['error']) {
      this.#ending = { kind: 'error', error: fields['error'] };
      return undefined;
    }
    return this.#keep(frame, fields);
  }

  #keep(frame: Buffer, fields: Record<string, unknown>): Buffer | undefined {
    const hasUsage = this.#noteUsage(fields);
    const choices = Array.isArray(fields['choices']) ? fields['choices'] : [];
    if (choices.length === 0 && hasUsage) {
      this.#usageFrame = fields;
      return undefined;
    }
    const released = this.#release();
    const reason = choices.map((choice) => choice?.finish_reason).find(isText);
    if (reason !== undefined) {
      this.#hasFinished = true;
      if (isText(fields['model'])) this.answeredModel = fields['model'];
      this.#isCutShort ||= reason === 'length';
      this.#held = this.#withoutUsage(fields, hasUsage);
      return released;
    }
    const own = hasUsage ? Buffer.from(printFrame(this.#withoutUsage(fields, true))) : frame;
    return released ? Buffer.concat([released, own]) : own;
  }

  #noteUsage(fields: Record<string, unknown>): boolean {
    const usage = readUsage(fields['usage']);
    if (usage) this.usage = usage;
    return usage !== undefined;
  }

  /** Usage rides on a choice frame at some hosts: the client gets it as OpenAI sends it, in a frame of its own. */
  #withoutUsage(fields: Record<string, unknown>, hasUsage: boolean): Record<string, unknown> {
    if (!hasUsage) return fields;
    const { usage, ...others } = fields;
    this.#usageFrame = { ...others, choices: [], usage };
    return others;
  }

  /** With several choices each has a finish frame: the one held so far was not the last. */
  #release(): Buffer | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held && Buffer.from(printFrame(held));
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';

const printFrame = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`;

/** May these frames hold anything but content? False alarms only cost time; a miss is not possible. */
function hasNews(frames: Buffer): boolean {
  return (
    hasMember(frames, '"finish_reason"', QUOTE) ||
    hasMember(frames, '"usage"', BRACE) ||
    hasMember(frames, '"error"', undefined) ||
    frames.includes('[DONE]')
  );
}

/** Is there a member of this name whose value starts with `first` (any value but null for `undefined`)? */
function hasMember(frames: Buffer, name: string, first: number | undefined): boolean {
  for (let at = frames.indexOf(name); at >= 0; at = frames.indexOf(name, at + name.length)) {
    let next = skipSpace(frames, at + name.length);
    if (frames[next] !== COLON) continue;
    next = skipSpace(frames, next + 1);
    if (first === undefined ? frames[next] !== 0x6e : frames[next] === first) return true;
  }
  return false;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at += 1;
  return at;
}

function* splitFrames(frames: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < frames.length) {
    const end = endOfFrame(frames, start);
    yield frames.subarray(start, end);
    start = end;
  }
}

function endOfFrame(frames: Buffer, start: number): number {
  for (let at = frames.indexOf(LF, start); at >= 0; at = frames.indexOf(LF, at + 1)) {
    if (frames[at + 1] === LF) return at + 2;
    if (frames[at + 1] === CR && frames[at + 2] === LF) return at + 3;
  }
  return frames.length;
}

/** The frame's data, its lines joined (WHATWG HTML §9.2.6); `undefined` for comments. */
function dataOf(frame: Buffer): string | undefined {
  const lines = frame
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''));
  return lines.length === 0 ? undefined : lines.join('\n').trim();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
