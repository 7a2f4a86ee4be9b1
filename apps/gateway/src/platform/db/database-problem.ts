/** Why the database cannot be used; the message says what the operator can do about it. */
export type DatabaseProblemKind =
  | 'unsupported-platform'
  | 'other-version'
  | 'newer-schema'
  | 'already-running'
  /** Somebody must be alone with it, and is not or is. */
  | 'in-use'
  | 'no-permission'
  | 'start-failed'
  | 'unreachable';

export class DatabaseProblem extends Error {
  override readonly name = 'DatabaseProblem';
  readonly kind: DatabaseProblemKind;

  constructor(kind: DatabaseProblemKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}
