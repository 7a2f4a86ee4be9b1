import { createHash, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

/** Text that must not be printed: every way of turning it into text gives `[secret]`, except `reveal()`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** In a time that tells nothing about where the texts differ. */
  equals(text: string): boolean {
    return timingSafeEqual(digest(this.#text), digest(text));
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
