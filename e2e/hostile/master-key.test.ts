import { expect, test } from 'vitest';
import { Secret } from '../../apps/gateway/src/platform/secret.ts';
import { createVault } from '../../apps/gateway/src/platform/vault.ts';
import { startGateway, type Gateway } from '../harness.ts';
import { runSealgate, type Environment } from '../process.ts';
import { queryDatabase, withDatabase } from './gateway-database.ts';

const OLD_KEY = 'canary: the old key of an installation';
const NEW_KEY = 'canary: the new key of an installation';
const OLD = createVault(new Secret(OLD_KEY));
const NEW = createVault(new Secret(NEW_KEY));
/** So many that somebody can be in the middle of them. */
const MAILS = 6_000;

const idOf = (number: number): string => `mail_${String(number).padStart(5, '0')}`;

/** Mails that nobody sends. */
async function fill(gateway: Gateway): Promise<void> {
  const ids = Array.from({ length: MAILS }, (_, number) => idOf(number));
  const sealed = ids.map((id) => OLD.seal(`mail:${id}`, `plain ${id}`));
  await queryDatabase(
    gateway,
    `insert into outbox_mails (id, mail, next_attempt_at)
     select id, mail, now() + interval '1 day' from unnest($1::text[], $2::bytea[]) as mails (id, mail)`,
    [ids, sealed],
  );
}

function opens(vault: typeof OLD, id: string, mail: Buffer): boolean {
  try {
    return vault.open(`mail:${id}`, mail).reveal() === `plain ${id}`;
  } catch {
    return false;
  }
}

/** How many of the mails each key opens. */
async function tally(gateway: Gateway): Promise<{ readonly old: number; readonly new: number }> {
  const rows = await queryDatabase<{ id: string; mail: Buffer }>(
    gateway,
    `select id, mail from outbox_mails where id like 'mail\\_0%'`,
  );
  expect(rows).toHaveLength(MAILS);
  const count = (vault: typeof OLD): number =>
    rows.filter(({ id, mail }) => opens(vault, id, mail)).length;
  return { old: count(OLD), new: count(NEW) };
}

const rotate = (env: Environment) =>
  runSealgate(['master-key', 'rotate', '--old-key-command', 'printenv OLD_KEY'], {
    ...env,
    OLD_KEY,
    SEALGATE_MASTER_KEY: NEW_KEY,
  });

/** Resolves when the first mails are sealed anew, and the last ones are not. */
async function untilInTheMiddle(gateway: Gateway, hasEnded: () => boolean): Promise<void> {
  for (;;) {
    if (hasEnded()) throw new Error('it ended before it was in the middle');
    const rows = await withDatabase(gateway, async (session) => {
      const ids = [idOf(0), idOf(MAILS - 1)];
      const found = await session.query<{ id: string; mail: Buffer }>(
        'select id, mail from outbox_mails where id = any($1) order by id',
        [ids],
      );
      return found.rows;
    }).catch(() => []);
    const [first, last] = rows;
    if (!first || !last || !opens(NEW, first.id, first.mail)) continue;
    if (opens(NEW, last.id, last.mail)) throw new Error('it was over before it was seen');
    return;
  }
}

test('whoever kills a change of the master key finds gateways that wait for its end, and nothing is lost', async () => {
  const gateway = await startGateway({ env: { SEALGATE_MASTER_KEY: OLD_KEY } });
  await fill(gateway);
  const running = rotate(gateway.env);
  expect(await running.ended).toBe(1);
  expect(running.log()).toContain('Stop every gateway first');
  await gateway.stop();

  const killed = rotate(gateway.env);
  let hasEnded = false;
  void killed.ended.then(() => {
    hasEnded = true;
  });
  await untilInTheMiddle(gateway, () => hasEnded);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const middle = await tally(gateway);
  expect(middle.old + middle.new).toBe(MAILS);
  expect([middle.old > 0, middle.new > 0]).toEqual([true, true]);

  for (const key of [OLD_KEY, NEW_KEY]) {
    const start = runSealgate(['start'], { ...gateway.env, SEALGATE_MASTER_KEY: key });
    expect(await start.ended).toBe(1);
    expect(start.log()).toContain('A change of the master key was not finished');
    expect(start.log()).not.toContain('canary');
  }

  const again = rotate(gateway.env);
  expect(await again.ended, again.log()).toBe(0);
  expect(again.stdout()).toMatch(
    new RegExp(`outbox_mails\\.mail +${middle.old} +${middle.new} +0`),
  );
  expect(again.log()).not.toContain('canary');
  await expect(gateway.restart()).rejects.toThrow('not the master key');
  await gateway.restart({ env: { SEALGATE_MASTER_KEY: NEW_KEY } });
  expect(await tally(gateway)).toEqual({ old: 0, new: MAILS });
});
