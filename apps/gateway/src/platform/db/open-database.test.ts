import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClient } from './connect-database.ts';
import { ensureServer, stopServer } from './embedded/server.ts';
import {
  inSystem,
  openDatabase,
  organizations,
  type Database,
  type DatabaseOptions,
} from './index.ts';
import { migrate } from './migrate.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp('/tmp/sealgate-open-');
  // When the tests run as root, PostgreSQL's own account must be able to pass.
  await chmod(dataDir, 0o711);
});
afterEach(async () => {
  await stopServer(dataDir);
  await rm(dataDir, { recursive: true, force: true });
});

const open = (role: DatabaseOptions['role'], databaseUrl?: string, warnings: string[] = []) =>
  openDatabase({
    dataDir,
    role,
    databaseUrl,
    onProgress: () => undefined,
    onWarning: (text) => warnings.push(text),
  });

async function postmasterPid(): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  return text === '' ? undefined : Number.parseInt(text, 10);
}

async function startOtherGateway(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('testing-process.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=sealgate-source', script, dataDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** What only the embedded server's superuser may do. */
async function asSuperuser(statement: string): Promise<unknown[]> {
  const client = createClient((await ensureServer(dataDir, () => undefined)).superuser, 'test');
  await client.connect();
  const { rows } = await client.query(statement);
  await client.end();
  return rows;
}

const setting = async ({ pool }: Database, name: string): Promise<unknown> =>
  (await pool.query('select current_setting($1) as value', [name])).rows[0].value;

const untilTrue = (isSo: () => Promise<boolean>): Promise<void> =>
  vi.waitFor(async () => expect(await isSo()).toBe(true), { timeout: 20_000 });

/** Of the server's use, of this data directory and of the master key. */
async function heldLocks({ pool }: Database): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int from pg_locks where locktype = 'advisory' and granted`,
  );
  return rows[0]?.count ?? 0;
}

describe('the embedded database', () => {
  test('is durable, listens on no port, keeps its password to its owner and is gone after the last close', async () => {
    const database = await open('server');
    expect(await setting(database, 'fsync')).toBe('on');
    expect(await setting(database, 'listen_addresses')).toBe('');
    expect(await setting(database, 'data_checksums')).toBe('on');
    expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'run'))).mode & 0o777).toBe(0o700);
    const rules = await asSuperuser('select distinct auth_method from pg_hba_file_rules');
    expect(rules).toEqual([{ auth_method: 'scram-sha-256' }]);
    await database.close();
    expect(await postmasterPid()).toBeUndefined();
    expect(await readdir(join(dataDir, 'run'))).toEqual([]);
  });

  test('keeps what was written over a clean stop, without saying that it creates anything', async () => {
    const first = await open('server');
    await first.pool.query(`create table kept as select 'k' as key`);
    await first.close();
    const progress: string[] = [];
    const second = await openDatabase({
      dataDir,
      role: 'server',
      onProgress: (text) => progress.push(text),
    });
    expect((await second.pool.query('select key from kept')).rows).toEqual([{ key: 'k' }]);
    expect(progress).toEqual(['Starting the database']);
    await second.close();
  });

  test('outlives a killed gateway and is adopted by the next', async () => {
    const gateway = await startOtherGateway();
    const pid = await postmasterPid();
    await kill(gateway);
    const database = await open('server');
    expect(await postmasterPid()).toBe(pid);
    await database.close();
    expect(await postmasterPid()).toBeUndefined();
  });

  test('comes back with what was committed, and as ours alone, when PostgreSQL itself was killed', async () => {
    const first = await open('server');
    await first.pool.query(`create table kept as select 'k' as key`);
    const killed = (await postmasterPid()) ?? 0;
    process.kill(killed, 'SIGKILL');
    // The sessions of the killed server live on for a moment and must not be asked.
    await untilTrue(async () => ((await postmasterPid()) ?? killed) !== killed);
    const rows = await vi.waitFor(
      async () => (await first.pool.query('select key from kept')).rows,
      { timeout: 20_000 },
    );
    expect(rows).toEqual([{ key: 'k' }]);
    await untilTrue(async () => (await heldLocks(first)) === 3);
    await expect(open('server')).rejects.toMatchObject({ kind: 'already-running' });
    await first.close();
    expect(await postmasterPid()).toBeUndefined();
  });

  test('starts although a dead server’s process number now belongs to somebody else', async () => {
    await (await open('server')).close();
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    await writeFile(
      pidFile,
      `${process.pid}\n${join(dataDir, 'postgres')}\n0\n5432\n\n\n0 0\nready\n`,
    );
    const database = await open('server');
    expect(await postmasterPid()).not.toBe(process.pid);
    await database.close();
  });

  test('serves several processes that start on an empty directory at once, until the last has closed', async () => {
    const [first, ...others] = await Promise.all([
      open('server'),
      open('command'),
      open('command'),
      open('command'),
    ]);
    await first.close();
    for (const other of others) {
      expect((await other.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await other.close();
    }
    expect(await postmasterPid()).toBeUndefined();
  });

  test('is left running by a command that found it running', async () => {
    const server = await open('server');
    await (await open('command')).close();
    expect((await server.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await server.close();
  });
});

const alone = () =>
  openDatabase({ dataDir, role: 'command', isAlone: true, onProgress: () => undefined });

describe('opening is refused', () => {
  test('to who must be alone while anybody else uses it, and to everybody else while they are', async () => {
    const gateway = await open('server');
    await expect(alone()).rejects.toMatchObject({
      kind: 'in-use',
      message: expect.stringContaining(`sealgate server, process ${process.pid}`),
    });
    await gateway.close();
    const only = await alone();
    await expect(open('server')).rejects.toMatchObject({
      kind: 'in-use',
      message: expect.stringContaining('master key is being changed'),
    });
    await only.close();
    await (await open('server')).close();
  });

  test('to a second gateway on the same data, which is told the process of the first', async () => {
    const gateway = await startOtherGateway();
    await expect(open('server')).rejects.toMatchObject({
      kind: 'already-running',
      message: expect.stringContaining(`process ${gateway.pid}`),
    });
    await kill(gateway);
  });

  test('on the data of another PostgreSQL version, which is left as it is', async () => {
    await (await open('server')).close();
    const versionFile = join(dataDir, 'postgres', 'PG_VERSION');
    await writeFile(versionFile, '17\n');
    await expect(open('server')).rejects.toMatchObject({ kind: 'other-version' });
    expect(await readFile(versionFile, 'utf8')).toBe('17\n');
  });

  test('on data that a newer Sealgate has migrated', async () => {
    const newer = await open('server');
    await newer.pool.query(
      `insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 9999999999999)`,
    );
    await newer.close();
    await expect(open('server')).rejects.toMatchObject({ kind: 'newer-schema' });
    expect(await postmasterPid()).toBeUndefined();
  });

  test('when PostgreSQL does not start, with the end of its log', async () => {
    await (await open('server')).close();
    await writeFile(join(dataDir, 'postgres', 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(open('server')).rejects.toMatchObject({
      kind: 'start-failed',
      message: expect.stringContaining('no_such_setting'),
    });
  });

  test('when DATABASE_URL leads nowhere, without printing its password', async () => {
    const failure = await open('server', 'postgres://me:s3cret-word@127.0.0.1:1/db').catch(String);
    expect(failure).toContain('DATABASE_URL');
    expect(failure).not.toContain('s3cret-word');
  });
});

test('another PostgreSQL is used and migrated, and left running', async () => {
  const embedded = await open('server');
  const { host = '', user, password } = embedded.pool.options;
  await asSuperuser(`create database elsewhere owner ${user}`);
  const url = `postgres://${user}:${String(password)}@/elsewhere?host=${encodeURIComponent(host)}`;
  const warnings: string[] = [];
  const external = await open('command', url, warnings);
  expect(external.kind).toBe('external');
  expect((await external.pool.query('select count(*) from api_keys')).rows).toEqual([
    { count: '0' },
  ]);
  expect(warnings).toEqual([]);
  await external.close();
  expect((await embedded.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await embedded.close();
});

describe('row-level security', () => {
  test('binds the embedded database’s user, also in data that an older Sealgate has written as superuser', async () => {
    const { superuser } = await ensureServer(dataDir, () => undefined);
    const older = createClient(superuser, 'test');
    await older.connect();
    await migrate(older);
    await older.query(`insert into organizations (id, name, kind) values ('org_1', 'One', 'team')`);
    for (const statement of [
      'alter database postgres owner to sealgate',
      'reassign owned by sealgate_app to sealgate',
      'drop owned by sealgate_app',
      'drop role sealgate_app',
    ]) {
      await older.query(statement);
    }
    await older.end();
    const database = await open('server');
    expect((await database.pool.query('select * from organizations')).rows).toEqual([]);
    expect(await inSystem(database, (transaction) => transaction.$count(organizations))).toBe(1);
    expect(
      (await database.pool.query('select rolsuper from pg_roles where rolname = current_user'))
        .rows,
    ).toEqual([{ rolsuper: false }]);
    await database.close();
  });

  test('does not bind a superuser of DATABASE_URL, which is said', async () => {
    const { superuser } = await ensureServer(dataDir, () => undefined);
    const { host = '', user, password } = superuser;
    const url = `postgres://${user}:${String(password)}@/postgres?host=${encodeURIComponent(host)}`;
    const warnings: string[] = [];
    await (await open('command', url, warnings)).close();
    expect(warnings).toEqual([expect.stringContaining('superuser')]);
    expect(warnings[0]).not.toContain(String(password));
  });
});
