import { expect, test, vi } from 'vitest';
import { createFragileDatabase, type FragileDatabase } from '../../platform/db/testing-outage.ts';
import { createTestPlatform } from '../testing.ts';

test('while the database is away a member is told to come back, never that nobody knows them; then all is well again', async () => {
  let wire: FragileDatabase | undefined;
  const platform = await createTestPlatform({
    seenThrough: async (database) => (wire = await createFragileDatabase(database)),
  });
  const ada = await platform.signUp('ada');
  const key = await platform.createKey(ada);
  const list = (as: string) => platform.call('GET /v1/organizations', { as });
  const create = (as: string) =>
    platform.call('POST /v1/organizations', {
      as,
      body: { name: 'Acme' },
      headers: { 'idempotency-key': 'one' },
    });
  expect(await list(key)).toMatchObject({ status: 200 });

  await wire?.cut();
  // More than the pool has connections: none of them may be lost for good.
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? list : create)(ada.token)),
  );
  for (const { status, headers } of [...answers, await list(key)]) {
    expect([status, headers.get('retry-after')]).toEqual([503, '2']);
  }

  await wire?.mend();
  await vi.waitFor(async () => expect(await create(ada.token)).toMatchObject({ status: 201 }), {
    timeout: 10_000,
  });
  expect(await Promise.all(Array.from({ length: 30 }, () => list(key)))).toSatisfy(
    (all: { status: number }[]) => all.every(({ status }) => status === 200),
  );
  await platform.close();
});
