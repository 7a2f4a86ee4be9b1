import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { budgetLeases, budgets } from '../../../platform/db/index.ts';
import { reconcile } from '../ledger/reconcile.ts';
import type { Hold } from './hold.ts';
import type { Payer } from './hold-keeper.ts';
import { HoldWorld, type TestProcess } from './testing.ts';

let world: HoldWorld;
beforeAll(async () => {
  world = await HoldWorld.create();
});
afterAll(() => world.close());

const PROCESSES = 3;
const process = fc.nat(PROCESSES - 1);
const event = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      process,
      payer: fc.nat(2),
      amount: fc.bigInt({ min: 1n, max: 400n }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      index: fc.nat(50),
      percent: fc.bigInt({ min: 0n, max: 110n }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush' as const), process }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rest' as const), process }) },
  /** Killed, and started again on its data. */
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), process }) },
  /** Killed, and taken for dead before it comes back. */
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), process }) },
);
type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

interface Running {
  readonly payer: Payer;
  readonly process: number;
  readonly hold: Hold;
}

class History {
  readonly payers: readonly Payer[];
  readonly processes: TestProcess[];
  #running: Running[] = [];

  constructor(payers: readonly Payer[], processes: TestProcess[]) {
    this.payers = payers;
    this.processes = processes;
  }

  process(at: number): TestProcess {
    const found = this.processes[at % PROCESSES];
    if (found === undefined) throw new Error('there is no such process');
    return found;
  }

  async live(happening: Event): Promise<void> {
    switch (happening.kind) {
      case 'take':
        return this.#take(happening);
      case 'end':
        return this.#end(happening);
      case 'flush':
        return this.process(happening.process).flush();
      case 'rest':
        this.process(happening.process).time.monotonicMs += 10_000;
        return this.process(happening.process).keeper.tend();
      case 'kill':
        return this.#kill(happening.process);
      case 'lose':
        await world.silence(this.process(happening.process));
        await this.process(happening.process + 1).keeper.tend();
        return this.#kill(happening.process);
    }
  }

  async #take(happening: Extract<Event, { kind: 'take' }>): Promise<void> {
    const payer = this.payers[happening.payer];
    if (payer === undefined) return;
    const taking = this.process(happening.process).take(payer, happening.amount);
    const hold = await taking.catch(() => undefined);
    if (hold) this.#running.push({ payer, process: happening.process, hold });
  }

  #end({ index, percent }: Extract<Event, { kind: 'end' }>): void {
    const [ended] = this.#running.splice(index % Math.max(1, this.#running.length), 1);
    if (ended === undefined) return;
    const { payer, hold } = ended;
    this.process(ended.process).settle(payer, hold, (hold.amountNano * percent) / 100n);
  }

  async #kill(at: number): Promise<void> {
    const { directoryId, journal } = this.process(at);
    this.#running = this.#running.filter(({ process }) => process !== at);
    const next = await world.start({ directoryId, journal });
    this.processes[at] = next;
    await next.keeper.tend();
  }
}

const LIMITS = { organization: 1_500n, member: 1_400n, key: 900n };
const SECOND_CAP = 700n;

test('any history of requests, endings, crashes and losses keeps every limit, and the books balance', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 40 }),
      fc.bigInt({ min: 0n, max: 2_000n }),
      async (events, wallet) => {
        const first = await world.plantPayer({ wallet, ...LIMITS });
        const second = await world.plantKey(first, SECOND_CAP);
        const payers = [first, second, await world.plantKey(first)];
        const processes = await Promise.all([world.start(), world.start(), world.start()]);
        const history = new History(payers, processes);
        for (const happening of events) await history.live(happening);
        for (const each of history.processes) await each.flush();
        const { organizationId } = first;
        await expectLimitsKept(organizationId, {
          [organizationId]: LIMITS.organization,
          [first.userId ?? '']: LIMITS.member,
          [first.keyId]: LIMITS.key,
          [second.keyId]: SECOND_CAP,
        });
        expect((await reconcile(world.database)).discrepancies).toEqual([]);
        await world.stopProcesses();
        const isOfThis = eq(budgetLeases.organizationId, organizationId);
        expect(await world.database.admin.$count(budgetLeases, isOfThis)).toBe(0);
        expect((await world.walletOf(organizationId)).heldNano).toBe(0n);
      },
    ),
    { numRuns: 15 },
  );
}, 120_000);

async function expectLimitsKept(
  organizationId: string,
  limits: Readonly<Record<string, bigint>>,
): Promise<void> {
  const rows = await world.database.admin
    .select()
    .from(budgets)
    .where(eq(budgets.organizationId, organizationId));
  for (const { subject, spentNano, heldNano } of rows) {
    expect(spentNano + heldNano).toBeLessThanOrEqual(limits[subject] ?? LIMITS.organization);
  }
  const { balanceNano, heldNano } = await world.walletOf(organizationId);
  expect(balanceNano).toBeGreaterThanOrEqual(heldNano);
}
