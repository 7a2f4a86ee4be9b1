/** A vote and what was expected of the answer before. */
export interface VoteSurprise {
  readonly predicted: number;
  readonly label: number;
  readonly weight: number;
}

/** Votes may fall so far below what is expected, on average, before it counts. */
const SLACK = 0.25;
/** A model whose good answers fall from nine in ten to five in ten is suspected after some thirty votes. */
const LIMIT = 5;

/** A one-sided CUSUM (Page 1954) over votes: has the model become worse than what was learned of it? */
export class DriftWatch {
  suspicion: number;

  constructor(suspicion = 0) {
    this.suspicion = suspicion;
  }

  /** `true`: it has. Then the watch begins anew. */
  note({ predicted, label, weight }: VoteSurprise): boolean {
    this.suspicion = Math.max(0, this.suspicion + weight * (predicted - label - SLACK));
    if (this.suspicion < LIMIT) return false;
    this.suspicion = 0;
    return true;
  }
}
