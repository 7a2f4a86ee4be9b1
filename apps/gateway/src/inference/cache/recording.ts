/** What the streams that are being kept may take at a time, together and each: some ten thousand tokens in frames. */
const MAX_BYTES = 32 * 1_024 * 1_024;
const MAX_BYTES_EACH = 2 * 1_024 * 1_024;

/** The room that recordings share. */
export class RecordingRoom {
  #bytes = 0;

  open(): Recording {
    return new Recording({
      take: (bytes) => {
        if (this.#bytes + bytes > MAX_BYTES) return false;
        this.#bytes += bytes;
        return true;
      },
      giveBack: (bytes) => {
        this.#bytes -= bytes;
      },
    });
  }

  get bytes(): number {
    return this.#bytes;
  }
}

interface Room {
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

/** What went to a caller, until it is put together or thrown away. */
export class Recording {
  readonly #room: Room;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isOver = false;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Copies: the bytes may be a piece of something larger that would stay in memory with them. */
  note(chunk: Buffer): void {
    if (this.#isOver) return;
    const isTooLong = this.#bytes + chunk.length > MAX_BYTES_EACH;
    if (isTooLong || !this.#room.take(chunk.length)) return this.end();
    this.#bytes += chunk.length;
    this.#chunks.push(Buffer.from(chunk));
  }

  /** `undefined`: there was no room for all of it. */
  bytes(): Buffer | undefined {
    return this.#isOver ? undefined : Buffer.concat(this.#chunks);
  }

  /** Gives the room back; nothing is noted any more. */
  end(): void {
    this.#room.giveBack(this.#bytes);
    this.#chunks = [];
    this.#bytes = 0;
    this.#isOver = true;
  }
}
