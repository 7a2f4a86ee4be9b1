const LINE_FEED = 0x0a;
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** Cuts bytes into the `data` of server-sent events, wherever the chunks end. Names, ids and comments are skipped. */
export class EventReader {
  #rest: Buffer = Buffer.alloc(0);
  #data: string[] = [];

  /** The events that `chunk` completes. */
  read(chunk: Buffer): string[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const events: string[] = [];
    let start = 0;
    let end = bytes.indexOf(LINE_FEED);
    while (end !== -1) {
      this.#line(bytes.toString('utf8', start, end).replace(/\r$/, ''), events);
      start = end + 1;
      end = bytes.indexOf(LINE_FEED, start);
    }
    // A copy: a slice would keep the whole chunk in memory.
    this.#rest = Buffer.from(bytes.subarray(start));
    if (this.#rest.length > MAX_EVENT_BYTES) throw new Error('an event of the stream is too large');
    return events;
  }

  #line(line: string, events: string[]): void {
    if (line.startsWith('data:')) this.#data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
    else if (line === '' && this.#data.length > 0) events.push(this.#data.splice(0).join('\n'));
  }
}
