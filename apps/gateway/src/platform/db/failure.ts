import { DrizzleQueryError } from 'drizzle-orm';
import pg from 'pg';
import { Refusal } from '../refusal.ts';

const RETRY_AFTER_SECONDS = 2;
/** SQLSTATE: connection lost, rolled back for another's sake, out of connections or memory, shutting down. */
const PASSING = /^(?:08|40|53|57P)/;

/** The database refused a statement. Carries none of the statement's values: they may be personal. */
export class StatementFailure extends Error {
  override readonly name = 'StatementFailure';
  readonly sqlState: string;
  readonly constraint: string | undefined;

  constructor(error: pg.DatabaseError, query: string) {
    super(`SQLSTATE ${error.code} (${error.constraint ?? error.table ?? 'no table'}): ${query}`);
    this.sqlState = error.code ?? '';
    this.constraint = error.constraint;
  }
}

export function statementFailure(error: unknown): StatementFailure | undefined {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  if (!(cause instanceof pg.DatabaseError)) return undefined;
  return new StatementFailure(cause, error instanceof DrizzleQueryError ? error.query : 'commit');
}

/** A database that is away must look like nothing else: neither an unknown key nor a fault of ours. */
export function serviceUnavailable(error: unknown, isOurStatement: boolean): Refusal | undefined {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  const isPassing =
    cause instanceof pg.DatabaseError
      ? PASSING.test(cause.code ?? '')
      : error instanceof DrizzleQueryError || isOurStatement;
  if (!isPassing) return undefined;
  return new Refusal('service_unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
}

/** Did a statement break this constraint or unique index? Inside of a transaction too. */
export function violates(error: unknown, constraint: string): boolean {
  const failure = error instanceof StatementFailure ? error : statementFailure(error);
  return failure?.constraint === constraint;
}
