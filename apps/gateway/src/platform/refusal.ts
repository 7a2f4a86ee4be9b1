import { REFUSALS, type RefusalCode, type RefusalRow } from '@sealgate/contract';

export interface RefusalDetails {
  /** Replaces the table's sentence; safe to show to the caller. */
  readonly message?: string | undefined;
  /** The request field at fault, as the caller wrote it. */
  readonly param?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** Where it depends on the case; else the table says. */
  readonly isRetryUseful?: boolean | undefined;
  /** Public facts added to the error object, e.g. `limit_source`. */
  readonly facts?: Readonly<Record<string, string | number>> | undefined;
  /** For the log only. */
  readonly internal?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** An answer "no" for the caller; everything else that is thrown becomes `internal`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly details: RefusalDetails;

  constructor(code: RefusalCode, details: RefusalDetails = {}) {
    super(details.message ?? REFUSALS[code].message, { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  get row(): RefusalRow {
    return REFUSALS[this.code];
  }
}
