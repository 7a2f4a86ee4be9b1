import { getTableColumns, getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import * as schema from '../db/schema/index.ts';
import { SEALED_COLUMNS } from './sealed-columns.ts';

/** Bytes that are not sealed, and what they are instead. */
const NOT_SEALED: Readonly<Record<string, string>> = {
  'api_keys.secret_hash': 'a hash',
  'api_keys.previous_secret_hash': 'a hash',
  'cached_answers.answer': 'a change of the key empties the table',
  'cached_answers.host_digest': 'a digest',
  'cached_answers.likeness_digest': 'a digest',
  'cached_answers.request_digest': 'a digest',
  'cached_answers.vector': 'a change of the key empties the table',
  'idempotency_keys.key_hash': 'a hash',
  'idempotency_keys.request_hash': 'a hash',
  'invitations.token_hash': 'a hash',
  'invoice_files.pdf': 'what the organization may read',
  'recovery_codes.code_hash': 'a hash',
  'routing_decisions.features': 'hashed words, by which gateways learn together',
  'routing_lessons.lesson': 'hashed words, by which gateways learn together',
  'routing_snapshots.state': 'numbers of the router',
  'session_tokens.token_hash': 'a hash',
  'top_ups.request_hash': 'a hash',
  'user_tokens.token_hash': 'a hash',
  'vault_checks.sealed': 'tells which key is the right one; a change of the key ends with it',
};

test('every column of bytes is sealed and known to whoever changes the master key, or is told why not', () => {
  const tables = Object.values(schema).filter((value) => is(value, PgTable));
  const columns = tables.flatMap((table) =>
    Object.values(getTableColumns(table))
      .filter((column) => column.getSQLType() === 'bytea')
      .map((column) => `${getTableName(table)}.${column.name}`),
  );
  const sealed = SEALED_COLUMNS.map(({ table, column }) => `${getTableName(table)}.${column.name}`);
  expect([...sealed, ...Object.keys(NOT_SEALED)].toSorted()).toEqual(columns.toSorted());
  expect(sealed.length).toBeGreaterThan(5);
});
