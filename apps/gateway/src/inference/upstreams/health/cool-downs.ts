/** Why a key is left alone for a while. `busy`: the host has said when to come back. */
export type CoolDownReason = 'rate-limited' | 'busy' | 'key-rejected';

export interface CoolDown {
  readonly reason: CoolDownReason;
  readonly untilMs: number;
}

/** Names of keys, and until when each is left alone. */
export class CoolDowns {
  readonly #byKey = new Map<string, CoolDown>();

  /** A shorter one does not end a longer one. */
  start(keyName: string, coolDown: CoolDown): void {
    const current = this.#byKey.get(keyName);
    if (current === undefined || current.untilMs < coolDown.untilMs) {
      this.#byKey.set(keyName, coolDown);
    }
  }

  at(keyName: string, nowMs: number): CoolDown | undefined {
    const coolDown = this.#byKey.get(keyName);
    if (coolDown === undefined || nowMs < coolDown.untilMs) return coolDown;
    this.#byKey.delete(keyName);
    return undefined;
  }
}
