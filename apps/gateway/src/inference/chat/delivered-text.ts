const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** Behind these names stands what a model has written. */
const NAMES = ['content', 'reasoning_content', 'reasoning', 'refusal', 'name', 'arguments'].map(
  (name) => Buffer.from(`"${name}"`),
);
/** What is there and no text. */
const OTHERS = ['"audio":{', '"images":['].map((text) => Buffer.from(text));
/** Some ten thousand tokens. */
const MAX_KEPT_BYTES = 64 * 1024;

/**
 * What a stream has said so far, taken from the bytes that go by without parsing them: for counting when the upstream
 * tells no usage. Kept compact, since hundreds of streams run at a time.
 */
export class DeliveredText {
  #room = Buffer.alloc(0);
  #length = 0;
  #bytesNotKept = 0;
  #hasOthers = false;

  /** Of whole frames. */
  note(frames: Buffer): void {
    for (const name of NAMES) this.#noteMember(frames, name);
    this.#hasOthers ||= OTHERS.some((other) => frames.includes(other));
  }

  get isEmpty(): boolean {
    return this.#length === 0 && this.#bytesNotKept === 0 && !this.#hasOthers;
  }

  /** Beyond what `text` gives. */
  get bytesNotKept(): number {
    return this.#bytesNotKept;
  }

  text(): string {
    const escaped = this.#room.toString('utf8', 0, this.#length);
    try {
      return JSON.parse(`"${escaped}"`) as string;
    } catch {
      return escaped;
    }
  }

  #noteMember(frames: Buffer, name: Buffer): void {
    for (let at = frames.indexOf(name); at >= 0; at = frames.indexOf(name, at + name.length)) {
      const start = startOfString(frames, at + name.length);
      if (start === undefined) continue;
      const end = endOfString(frames, start);
      if (end > start) this.#keep(frames, start, end);
      at = end - name.length;
    }
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > MAX_KEPT_BYTES) {
      this.#bytesNotKept += end - start;
      return;
    }
    if (length > this.#room.length) {
      const room = Buffer.allocUnsafe(Math.max(length, 2 * this.#room.length, 256));
      this.#room.copy(room, 0, 0, this.#length);
      this.#room = room;
    }
    bytes.copy(this.#room, this.#length, start, end);
    this.#length = length;
  }
}

/** Just behind the opening quote of the member's value; `undefined`: it is no string. */
function startOfString(bytes: Buffer, from: number): number | undefined {
  const colon = skipSpace(bytes, from);
  if (bytes[colon] !== COLON) return undefined;
  const quote = skipSpace(bytes, colon + 1);
  return bytes[quote] === QUOTE ? quote + 1 : undefined;
}

function endOfString(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (bytes[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return bytes.length;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at += 1;
  return at;
}
