const NONE = Buffer.alloc(0);
const LF = 0x0a;
const CR = 0x0d;
/** LF CR LF. */
const LONGEST_BLANK_LINE = 3;

/** Gathers the pieces of an event stream into whole frames, in time that grows only with their length. */
export class WholeFrames {
  /** The beginning of a frame that is not complete yet, and room for more of it. */
  #room: Buffer = NONE;
  #byteCount = 0;

  get pendingBytes(): number {
    return this.#byteCount;
  }

  /** The frames that this piece completes, empty if none. */
  take(piece: Buffer): Buffer {
    const end = this.#endOfFrames(piece);
    if (end === 0) {
      this.#keep(piece);
      return NONE;
    }
    const last = end === piece.length ? piece : piece.subarray(0, end);
    const frames = this.#byteCount === 0 ? last : Buffer.concat([this.rest(), last]);
    if (end < piece.length) this.#keep(piece.subarray(end));
    return frames;
  }

  /** Hands over the frame that was never completed. */
  rest(): Buffer {
    const rest = this.#room.subarray(0, this.#byteCount);
    this.#room = NONE;
    this.#byteCount = 0;
    return rest;
  }

  /** Just behind the last blank line in the piece; it may have begun in the one before. */
  #endOfFrames(piece: Buffer): number {
    if (this.#byteCount === 0) return endOfLastFrame(piece);
    const seam = this.#room.subarray(
      Math.max(0, this.#byteCount - LONGEST_BLANK_LINE),
      this.#byteCount,
    );
    return Math.max(0, endOfLastFrame(Buffer.concat([seam, piece])) - seam.length);
  }

  #keep(piece: Buffer): void {
    const byteCount = this.#byteCount + piece.length;
    if (byteCount > this.#room.length) {
      const room = Buffer.allocUnsafe(Math.max(byteCount, 2 * this.#room.length));
      this.#room.copy(room, 0, 0, this.#byteCount);
      this.#room = room;
    }
    piece.copy(this.#room, this.#byteCount);
    this.#byteCount = byteCount;
  }
}

/** 0 when no frame is complete. */
function endOfLastFrame(bytes: Buffer): number {
  for (let at = bytes.lastIndexOf(LF); at > 0; at = bytes.lastIndexOf(LF, at - 1)) {
    if (bytes[at - 1] === LF) return at + 1;
    if (bytes[at - 1] === CR && bytes[at - 2] === LF) return at + 1;
  }
  return 0;
}
