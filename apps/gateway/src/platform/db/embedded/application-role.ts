import { createHmac } from 'node:crypto';
import type { Client, ClientConfig } from 'pg';
import { exclusively, LOCKS } from '../advisory-lock.ts';
import { createClient } from '../connect-database.ts';

const ROLE = 'sealgate_app';

/**
 * The gateway works as a role that row-level security binds; the superuser is for this set-up only. What an older Sealgate
 * has created as superuser is handed over.
 */
export async function ensureApplicationRole(superuser: ClientConfig): Promise<ClientConfig> {
  const connection = { ...superuser, user: ROLE, password: passwordOf(superuser) };
  const session = createClient(superuser, 'set-up');
  await session.connect();
  try {
    await exclusively(session, LOCKS.applicationRole, () => handOver(session, connection.password));
  } finally {
    await session.end();
  }
  return connection;
}

/** Another than the superuser's, and no second file to keep. */
const passwordOf = ({ password }: ClientConfig): string =>
  createHmac('sha256', String(password)).update(ROLE).digest('base64url');

async function handOver(session: Client, password: string): Promise<void> {
  const owner = await session.query<{ name: string }>(
    'select datdba::regrole::text as name from pg_database where datname = current_database()',
  );
  if (owner.rows[0]?.name === ROLE) return;
  const found = await session.query('select from pg_roles where rolname = $1', [ROLE]);
  if (found.rowCount === 0) await session.query(`create role ${ROLE} login`);
  await session.query(`alter role ${ROLE} password ${session.escapeLiteral(password)}`);
  await session.query(HAND_OVER);
}

/** The database last: it tells that everything is done. */
const HAND_OVER = `
do $$
declare statement text;
begin
  for statement in
    select format('alter schema %I owner to ${ROLE}', nspname)
    from pg_namespace where nspname in ('public', 'drizzle')
    union all
    select format('alter table %s owner to ${ROLE}', oid::regclass)
    from pg_class
    where relkind in ('r', 'S') and relnamespace::regnamespace::text in ('public', 'drizzle')
      and not exists (select from pg_depend where objid = pg_class.oid and deptype in ('a', 'i') and relkind = 'S')
    union all
    select format('alter function %s owner to ${ROLE}', oid::regprocedure)
    from pg_proc where pronamespace::regnamespace::text = 'public'
    union all
    select format('alter database %I owner to ${ROLE}', current_database())
  loop
    execute statement;
  end loop;
end
$$`;
