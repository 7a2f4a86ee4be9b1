import { nanoUsd } from '@sealgate/contract';
import { and, asc, eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  adjust,
  credit,
  issueAllInvoices,
  reconcile,
  type Generation,
} from '../../customers/billing/index.ts';
import { settleGenerations } from '../../customers/billing/settlement/settle-generations.ts';
import { testGeneration, testInvoices } from '../../customers/billing/testing.ts';
import { printGeneration } from '../../customers/billing/usage/print-generation.ts';
import {
  invoiceCounter,
  invoiceLines,
  invoices,
  ledgerEntries,
  memberships,
  organizations,
} from '../../platform/db/index.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

const DAY_MS = 24 * 3_600_000;
const services = testInvoices();

let platform: TestPlatform;
beforeAll(async () => {
  platform = await createTestPlatform({ changes: { invoices: services } });
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.time.nowMs = Date.UTC(2026, 0, 2);
});

let people = 0;
/** Calls with a key: sign-ins end before months do. */
async function somebody(): Promise<TestPerson> {
  const person = await platform.signUp(`payer-${(people += 1)}`);
  return { ...person, token: await platform.createKey(person) };
}
const at = (...moment: Parameters<typeof Date.UTC>): void => {
  platform.time.nowMs = Date.UTC(...moment);
};
const book = ({ organizationId }: TestPerson, nano: bigint) =>
  (nano > 0n ? credit : adjust)(platform.ctx, {
    organizationId,
    amountNano: nanoUsd(nano),
    reason: 'test',
  });
const use = ({ organizationId }: TestPerson, ...changes: readonly Partial<Generation>[]) =>
  settleGenerations(
    platform.ctx,
    changes.map((change) => printGeneration(testGeneration(organizationId, change))),
  );
const list = async ({ token }: TestPerson, query = '') =>
  (await platform.call(`GET /v1/billing/invoices${query}`, { as: token })).body;
const get = ({ token }: TestPerson, id: string) =>
  platform.call(`GET /v1/billing/invoices/${id}`, { as: token });
const months = async (person: TestPerson) =>
  (await list(person)).data.map(({ month }: { month: string }) => month);

describe('an invoice', () => {
  test('tells what was booked in a month that is over, by kind, and usage by tier and model', async () => {
    const ann = await somebody();
    await platform.database.admin
      .update(organizations)
      .set({ name: 'Acme 株式会社' })
      .where(eq(organizations.id, ann.organizationId));
    // Usage is booked when it is stored: now.
    platform.time.nowMs = Date.now();
    await book(ann, 50n * 10n ** 9n);
    await book(ann, 10n * 10n ** 9n);
    await book(ann, -(10n ** 9n));
    await use(
      ann,
      { modelUsed: 'a/one', costNano: nanoUsd(3n) },
      { modelUsed: 'a/one', costNano: nanoUsd(4n) },
      { modelUsed: 'a/two', costNano: nanoUsd(9_007_199_254n) },
      { modelUsed: 'a/one', billingTier: 'passthrough', costNano: nanoUsd(1n) },
      { modelUsed: 'a/one', costNano: nanoUsd(0n) },
    );
    expect((await list(ann)).data).toEqual([]);
    platform.time.nowMs += 32 * DAY_MS;
    const { data } = await list(ann);
    expect(data).toHaveLength(1);
    const { status, body } = await get(ann, data[0].invoice_id);
    const line = (kind: string, entries: number, amount_usd: string) => ({
      kind,
      tier: null,
      model: null,
      entries,
      input_tokens: 0,
      output_tokens: 0,
      amount_usd,
    });
    const usage = (tier: string, model: string, entries: number, amount_usd: string) => ({
      kind: 'usage',
      tier,
      model,
      entries,
      input_tokens: entries * 12,
      output_tokens: entries * 5,
      amount_usd,
    });
    expect([status, body]).toEqual([
      200,
      {
        ...data[0],
        opening_balance_usd: '0.00',
        closing_balance_usd: '49.992800738',
        time_zone: 'UTC',
        began_at: expect.stringMatching(/-01T00:00:00\.000Z$/),
        ended_at: expect.stringMatching(/-01T00:00:00\.000Z$/),
        recipient: 'Acme 株式会社',
        operator: { name: 'Gate Ltd', address: ['1 Main Street', 'Anytown'] },
        lines: [
          line('credit', 2, '60.00'),
          line('adjustment', 1, '-1.00'),
          usage('fast', 'a/two', 1, '-9.007199254'),
          usage('fast', 'a/one', 2, '-0.000000007'),
          usage('passthrough', 'a/one', 1, '-0.000000001'),
        ],
      },
    ]);
  });

  test('begins with the balance that the one before ended with; months without an entry have none', async () => {
    const ann = await somebody();
    at(2026, 0, 31, 23, 59, 59, 999);
    await book(ann, 10n);
    at(2026, 1, 1);
    await book(ann, 5n);
    at(2026, 4, 15);
    await book(ann, -7n);
    // For months nothing ran: now everything is caught up.
    at(2026, 5, 1);
    const { data } = await list(ann);
    expect(
      data.map((each: Record<string, string>) => [
        each['month'],
        each['opening_balance_usd'],
        each['closing_balance_usd'],
      ]),
    ).toEqual([
      ['2026-05', '0.000000015', '0.000000008'],
      ['2026-02', '0.00000001', '0.000000015'],
      ['2026-01', '0.00', '0.00000001'],
    ]);
    const page = await list(ann, `?limit=1&after=${data[0].invoice_id}`);
    expect([page.data[0].month, page.has_more]).toEqual(['2026-02', true]);
    const none = await list(ann, `?after=${data[2].invoice_id}`);
    expect(none.data).toEqual([]);
  });

  test('has months that begin at the organization’s midnight, also if its time zone changes', async () => {
    const ann = await somebody();
    const zone = (timeZone: string) =>
      platform.database.admin
        .update(organizations)
        .set({ timeZone })
        .where(eq(organizations.id, ann.organizationId));
    await zone('Asia/Tokyo');
    at(2026, 0, 31, 14, 59, 59, 999);
    await book(ann, 1n);
    at(2026, 0, 31, 15);
    await book(ann, 2n);
    expect(await months(ann)).toEqual(['2026-01']);
    await zone('America/New_York');
    at(2026, 2, 1, 4, 59, 59, 999);
    expect(await months(ann)).toEqual(['2026-01']);
    at(2026, 2, 1, 5);
    const { data } = await list(ann);
    expect(data[0]).toMatchObject({ month: '2026-02', time_zone: 'America/New_York' });
    const [january, february] = await Promise.all(
      [data[1], data[0]].map(async ({ invoice_id }) => (await get(ann, invoice_id)).body),
    );
    expect([january.began_at, january.ended_at]).toEqual([
      '2025-12-31T15:00:00.000Z',
      '2026-01-31T15:00:00.000Z',
    ]);
    expect(february.ended_at).toBe('2026-03-01T05:00:00.000Z');
  });

  test('is issued once and numbered without a gap, however many ask at once', async () => {
    const payers: TestPerson[] = [];
    for (let payer = 0; payer < 6; payer += 1) payers.push(await somebody());
    for (const [index, payer] of payers.entries()) {
      at(2026, 0, 10 + index);
      await book(payer, 1n);
      at(2026, 1, 10 + index);
      await book(payer, 1n);
    }
    at(2026, 2, 1);
    const system = { ...platform.ctx, actor: { kind: 'system' } as const };
    await Promise.all([
      issueAllInvoices(system, services),
      issueAllInvoices(system, services),
      ...payers.map((payer) => list(payer)),
      ...payers.map((payer) => list(payer)),
    ]);
    for (const payer of payers) expect(await months(payer)).toEqual(['2026-02', '2026-01']);
    const rows = await platform.database.admin
      .select({ number: invoices.number })
      .from(invoices)
      .orderBy(asc(invoices.number));
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => BigInt(index + 1)));
    const [counter] = await platform.database.admin.select().from(invoiceCounter);
    expect(counter?.lastNumber).toBe(BigInt(rows.length));
    for (const payer of payers) {
      expect((await list(payer)).data[0].number).toMatch(/^INV-\d{6}$/);
    }
    expect(services.errors).toEqual([]);
  });

  test('is issued by the job to whoever is due, past one that cannot be', async () => {
    const [broken, fine] = [await somebody(), await somebody()];
    at(2026, 0, 10);
    await book(broken, 1n);
    await book(fine, 1n);
    await platform.database.admin.execute(sql`
      alter table ledger_entries disable trigger ledger_entries_append_only;
      update ledger_entries set balance_nano = 2 where account = 'wallet'
        and organization_id = ${sql.raw(`'${broken.organizationId}'`)};
      alter table ledger_entries enable trigger ledger_entries_append_only`);
    at(2026, 1, 1);
    await issueAllInvoices({ ...platform.ctx, actor: { kind: 'system' } }, services);
    const count = ({ organizationId }: TestPerson) =>
      platform.database.admin.$count(invoices, eq(invoices.organizationId, organizationId));
    expect([await count(broken), await count(fine)]).toEqual([0, 1]);
    expect(services.errors).toMatchObject([{ organizationId: broken.organizationId }]);
    services.errors.length = 0;
    await platform.database.admin.execute(sql`
      alter table ledger_entries disable trigger ledger_entries_append_only;
      update ledger_entries set balance_nano = 1 where account = 'wallet'
        and organization_id = ${sql.raw(`'${broken.organizationId}'`)};
      alter table ledger_entries enable trigger ledger_entries_append_only`);
  });

  test('never changes again, not even by a mistaken statement', async () => {
    const ann = await somebody();
    await book(ann, 1n);
    at(2026, 1, 1);
    const [{ invoice_id: id }] = (await list(ann)).data;
    const before = (await get(ann, id)).body;
    await platform.database.admin
      .update(organizations)
      .set({ name: 'Renamed' })
      .where(eq(organizations.id, ann.organizationId));
    expect((await get(ann, id)).body).toEqual(before);
    for (const statement of [
      'update invoices set closing_nano = 0',
      'delete from invoice_lines',
      'delete from invoice_files',
    ]) {
      await expect(platform.database.admin.execute(statement)).rejects.toMatchObject({
        cause: { message: expect.stringContaining('append-only') },
      });
    }
  });

  test('is nobody else’s, and for owners and admins', async () => {
    at(2025, 11, 20);
    const [ann, eve, dev] = [
      await platform.signUp('ann'),
      await platform.signUp('eve'),
      await platform.signUp('dev'),
    ];
    await platform.database.admin.insert(memberships).values({
      id: platform.ctx.newId('membership'),
      organizationId: ann.organizationId,
      userId: dev.userId,
      role: 'developer',
    });
    await book(ann, 1n);
    at(2026, 0, 1);
    const [{ invoice_id: id }] = (await list(ann)).data;
    for (const path of [id, `${id}.pdf`]) {
      expect((await get(eve, path)).status).toBe(404);
      const headers = { 'x-organization-id': ann.organizationId };
      const call = (as: string) =>
        platform.call(`GET /v1/billing/invoices/${path}`, { as, headers });
      expect([(await call(dev.token)).status, (await call(eve.token)).status]).toEqual([403, 404]);
    }
    expect((await list(eve)).data).toEqual([]);
    for (const path of ['bill_none', 'bill_none.pdf', 'x', '.pdf', `${id}.pdf.pdf`]) {
      expect((await get(ann, path)).status).toBe(404);
    }
  });
});

test('every entry of the ledger is in exactly one invoice, and they add up to the balance, after any history', async () => {
  const entry = fc.record({
    /** From the entry before. Below zero: the clock of another gateway is late. */
    hours: fc.integer({ min: -2, max: 24 * 45 }),
    nano: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).filter((nano) => nano !== 0n),
    isAskedAfter: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 15 }), async (history) => {
      const ann = await somebody();
      at(2026, 0, 15);
      for (const { hours, nano, isAskedAfter } of history) {
        platform.time.nowMs += hours * 3_600_000;
        await book(ann, nano);
        if (isAskedAfter) await list(ann);
      }
      platform.time.nowMs += 70 * DAY_MS;
      await list(ann);
      const { admin } = platform.database;
      const issued = await admin
        .select()
        .from(invoices)
        .where(eq(invoices.organizationId, ann.organizationId))
        .orderBy(asc(invoices.lastPosition));
      const entries = await admin
        .select()
        .from(ledgerEntries)
        .where(
          and(
            eq(ledgerEntries.organizationId, ann.organizationId),
            eq(ledgerEntries.account, 'wallet'),
          ),
        )
        .orderBy(asc(ledgerEntries.position));
      let [opening, position, ended, count] = [0n, 0n, 0, 0n];
      for (const invoice of issued) {
        const lines = await admin
          .select()
          .from(invoiceLines)
          .where(eq(invoiceLines.invoiceId, invoice.id));
        const own = entries.filter(
          (each) => each.position > position && each.position <= invoice.lastPosition,
        );
        const total = own.reduce((sum, { amountNano }) => sum + amountNano, 0n);
        expect(own.length).toBeGreaterThan(0);
        expect(invoice.openingNano).toBe(opening);
        expect(invoice.closingNano).toBe(opening + total);
        expect(lines.reduce((sum, { amountNano }) => sum + amountNano, 0n)).toBe(total);
        expect(invoice.beganAt.getTime()).toBeGreaterThanOrEqual(ended);
        count += lines.reduce((sum, line) => sum + line.entries, 0n);
        [opening, position, ended] = [
          invoice.closingNano,
          invoice.lastPosition,
          invoice.endedAt.getTime(),
        ];
      }
      expect(count).toBe(BigInt(entries.length));
      expect(opening).toBe(entries.at(-1)?.balanceNano);
      expect(new Set(issued.map(({ month }) => month)).size).toBe(issued.length);
    }),
    { numRuns: 30 },
  );
});

describe('the file of an invoice', () => {
  /** What the page shows in standard fonts, and how often it draws something. */
  function read(pdf: Buffer): { text: string; drawings: number; source: string } {
    const source = pdf.toString('latin1');
    let [text, drawings] = ['', 0];
    // A carriage return before the end may be the last byte of what is compressed.
    for (const [whole, content = ''] of source.matchAll(/stream\r?\n([^]*?)\nendstream/g)) {
      if (!whole.startsWith('stream')) continue;
      let page: string;
      try {
        page = inflateSync(Buffer.from(content, 'latin1')).toString('latin1');
      } catch {
        continue;
      }
      for (const [, shown = ''] of page.matchAll(/\[([^\]]*)\] TJ/g)) {
        const hex = [...shown.matchAll(/<([0-9a-f]*)>/g)].map(([, digits]) => digits).join('');
        text += `${Buffer.from(hex, 'hex').toString('latin1')}\n`;
      }
      drawings += [...page.matchAll(/^B$/gm)].length;
    }
    return { text, drawings, source };
  }

  const download = async ({ token }: TestPerson, id: string) => {
    const answer = await platform.call(`GET /v1/billing/invoices/${id}.pdf`, { as: token });
    return { ...answer, pdf: Buffer.from(answer.bytes) };
  };

  async function issued(name: string, ...changes: readonly Partial<Generation>[]) {
    const ann = await somebody();
    await platform.database.admin
      .update(organizations)
      .set({ name })
      .where(eq(organizations.id, ann.organizationId));
    platform.time.nowMs = Date.now();
    await book(ann, 10n ** 9n);
    await use(ann, ...changes);
    platform.time.nowMs += 32 * DAY_MS;
    const [invoice] = (await list(ann)).data;
    return { ann, invoice };
  }

  test('is a tagged PDF with a title that says what the invoice says, and the same ever after', async () => {
    const { ann, invoice } = await issued('Acme Inc.', { costNano: nanoUsd(1_234_567n) });
    const first = await download(ann, invoice.invoice_id);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('application/pdf');
    expect(first.headers.get('content-disposition')).toBe(
      `attachment; filename="${invoice.number}.pdf"`,
    );
    const { text, drawings, source } = read(first.pdf);
    expect(source).toMatch(/^%PDF-1\.7/);
    const [, reference = ''] = /\/Title (\d+) 0 R/.exec(source) ?? [];
    expect(source).toContain(`${reference} 0 obj
(Invoice ${invoice.number})`);
    expect([source.includes('/Marked true'), source.includes('/StructTreeRoot')]).toEqual([
      true,
      true,
    ]);
    // What readers hear.
    expect(source.includes('/ActualText (Usage, fast: local/math)')).toBe(true);
    for (const part of [
      `Invoice ${invoice.number}`,
      'Acme Inc.',
      ann.organizationId,
      'Gate Ltd',
      '1 Main Street',
      'Balance when the month began',
      'Credits',
      '1.000000',
      'Usage, fast: local/math',
      '-0.001234567',
      '0.998765433',
      'Page 1 of 1',
    ]) {
      expect(text).toContain(part);
    }
    expect(drawings).toBe(0);
    await platform.database.admin
      .update(organizations)
      .set({ name: 'Renamed' })
      .where(eq(organizations.id, ann.organizationId));
    const again = await Promise.all([1, 2, 3].map(() => download(ann, invoice.invoice_id)));
    for (const { pdf } of again) expect(pdf.equals(first.pdf)).toBe(true);
  });

  test.each([
    ['株式会社', 4, ''],
    ['주식회사', 4, ''],
    ['Łódź Ελλάδα Київ', 12, 'ód'],
    ['Grün & Söhne', 0, 'Grün & Söhne'],
    ['😀 עברית', 0, '? ?????'],
    ['a\u202eb\nc', 0, 'a b c'],
    ['W'.repeat(100), 0, 'WWW'],
  ])(
    'shows the name %j, drawn where the standard fonts do not have it',
    async (name, least, text) => {
      const { ann, invoice } = await issued(name);
      const { pdf } = await download(ann, invoice.invoice_id);
      const page = read(pdf);
      expect(page.drawings).toBe(least);
      expect(page.text).toContain(text);
    },
  );

  test('has pages enough for many models, and an end for very many', async () => {
    const { ann, invoice } = await issued(
      'Many',
      ...Array.from({ length: 230 }, (_, index) => ({
        modelUsed: `house/model-${index}`,
        costNano: nanoUsd(BigInt(1_000 - index)),
      })),
    );
    const { body } = await get(ann, invoice.invoice_id);
    expect(body.lines).toHaveLength(202);
    expect(body.lines.at(-1)).toMatchObject({ model: null, entries: 30 });
    const { pdf } = await download(ann, invoice.invoice_id);
    const { text } = read(pdf);
    expect(text).toContain('Page 6 of 6');
    expect(text).toContain('Usage, fast: other models');
    expect(text.split('Description')).toHaveLength(7);
    expect(pdf.length).toBeLessThan(400_000);
  });
});

test('the books balance after all of this', async () => {
  expect((await reconcile(platform.database)).discrepancies).toEqual([]);
});
