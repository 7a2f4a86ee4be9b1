import { Refusal } from '../../../platform/refusal.ts';

/** What the verbs of invoices need beside their context. */
export interface InvoiceServices {
  /** Who issues them. */
  readonly operator: { readonly name: string; readonly address: readonly string[] };
  readonly log: { error(facts: object, text: string): void };
  /** Does the work when it is its turn: files are made one at a time, and requests to models do not notice. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

const MOST_WAITING = 20;

/** Refuses work when too much of it waits. */
export function createQueue(): InvoiceServices['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting >= MOST_WAITING) throw new Refusal('service_unavailable', { retryAfterSeconds: 2 });
    waiting += 1;
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      waiting -= 1;
    }
  };
}
