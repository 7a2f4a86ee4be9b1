/** Something that gets its share of the choices. */
export interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/**
 * Chooses so that everybody gets their share and nobody gets it all at once: weights 3 and 1 give A A B A, not A A A B. Who is
 * not among the candidates neither gains nor loses by it. (The smooth weighted round robin of nginx.)
 */
export class Rotation {
  readonly #credits = new Map<string, number>();

  choose<T extends Weighted>(candidates: readonly T[]): T | undefined {
    const [only] = candidates;
    if (candidates.length <= 1) return only;
    let chosen = only;
    let mostCredit = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (const candidate of candidates) {
      const credit = (this.#credits.get(candidate.name) ?? 0) + candidate.weight;
      this.#credits.set(candidate.name, credit);
      sum += candidate.weight;
      if (credit > mostCredit) {
        mostCredit = credit;
        chosen = candidate;
      }
    }
    if (chosen) this.#credits.set(chosen.name, mostCredit - sum);
    return chosen;
  }
}
