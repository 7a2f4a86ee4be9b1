export interface ServerSentEvent {
  /** `message` unless the server named it. */
  readonly event: string;
  readonly data: string;
}

const LINE_END = /\r\n|\r|\n/;

/** Splits the text of an event stream into events, however the network cut it. */
export class ServerSentEventDecoder {
  #line = '';
  #event = '';
  #data: string[] = [];
  #endedInCarriageReturn = false;

  /** Takes the next piece of text and returns the events that it completes. */
  push(text: string): ServerSentEvent[] {
    if (text === '') return [];
    // A line feed that follows a carriage return of the piece before ends no second line.
    const fresh = this.#endedInCarriageReturn && text.startsWith('\n') ? text.slice(1) : text;
    this.#endedInCarriageReturn = text.endsWith('\r');

    const events: ServerSentEvent[] = [];
    const [first = '', ...others] = fresh.split(LINE_END);
    this.#line += first;
    for (const other of others) {
      const event = this.#endLine();
      if (event) events.push(event);
      this.#line = other;
    }
    return events;
  }

  #endLine(): ServerSentEvent | undefined {
    const line = this.#line;
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    // Any other field, and a comment (whose field is empty), means nothing here.
    if (field === 'data') this.#data.push(value);
    if (field === 'event') this.#event = value;
    return undefined;
  }

  #dispatch(): ServerSentEvent | undefined {
    const event = {
      event: this.#event === '' ? 'message' : this.#event,
      data: this.#data.join('\n'),
    };
    const isEmpty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    return isEmpty ? undefined : event;
  }
}
