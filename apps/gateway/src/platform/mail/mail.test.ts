import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inSystem, outboxMails } from '../db/index.ts';
import { createTestDatabase, type TestDatabase } from '../db/testing.ts';
import { IDLE_JOBS, runDueJobs } from '../jobs/testing.ts';
import { Secret } from '../secret.ts';
import { testContext } from '../testing-context.ts';
import { CATALOGUE } from './catalogue.ts';
import { createMailer, enqueueMail, sendMail, type Mail, type Mailer } from './index.ts';
import type { Wording } from './languages/messages.ts';
import { renderMail } from './render.ts';

const CONTENTS: readonly Mail['content'][] = [
  { template: 'verify-email', token: 'the-token' },
  { template: 'account-exists' },
  { template: 'reset-password', token: 'the-token' },
  { template: 'password-changed' },
  {
    template: 'invitation',
    token: 'the-token',
    organizationName: 'Acme',
    inviterName: undefined,
    role: 'admin',
  },
  { template: 'account-deactivated', eraseAfter: '2026-01-16T00:00:00.000Z' },
  {
    template: 'limit-reached',
    organizationName: 'Acme',
    scope: 'key',
    subjectName: 'prod-2026',
    threshold: 80,
    spentUsd: '8.10',
    limitUsd: '10.00',
    month: '2026-01',
    resetsOn: '2026-02-01',
    timeZone: 'Europe/Berlin',
  },
  {
    template: 'low-balance',
    organizationName: 'Acme',
    balanceUsd: '4.999999999',
    limitUsd: '5.00',
  },
  {
    template: 'auto-top-up-stopped',
    organizationName: 'Acme',
    amountUsd: '20.00',
    reason: 'declined',
  },
  {
    template: 'plan-ended',
    organizationName: 'Acme',
    planName: 'Team',
    month: '2026-01',
    feeUsd: '20.00',
  },
];
const LOCALES = Object.keys(CATALOGUE) as Mail['locale'][];
const PUBLIC_URL = 'https://gate.example';

describe('the catalogue', () => {
  const templates = CONTENTS.map(({ template }) => template);
  const holesIn = (wording: Wording) => [
    ...new Set([...JSON.stringify(wording).matchAll(/\{(\w+)\}/g)].map(([, name]) => name)),
  ];

  test('knows five languages', () => {
    expect(LOCALES).toEqual(['en', 'zh-CN', 'ko', 'de', 'ja']);
  });

  test.each(LOCALES)(
    '%s has every message, with the same parts and values as English',
    (locale) => {
      const messages = CATALOGUE[locale];
      expect(Object.keys(messages)).toEqual([
        ...templates,
        'footer',
        'roles',
        'spenders',
        'somebody',
        'stops',
      ]);
      for (const template of templates) {
        const [ours, english] = [messages[template], CATALOGUE.en[template]] as [Wording, Wording];
        expect(ours.body.length, template).toBe(english.body.length);
        expect(ours.action === undefined, template).toBe(english.action === undefined);
        expect(holesIn(ours).toSorted(), template).toEqual(holesIn(english).toSorted());
        const texts = [ours.subject, ours.action ?? 'none', ...ours.body];
        expect(
          texts.every((text) => text.trim() !== ''),
          template,
        ).toBe(true);
        if (locale !== 'en') expect(ours.subject, template).not.toBe(english.subject);
      }
    },
  );

  test.each(LOCALES)('%s leaves no value unfilled', (locale) => {
    for (const content of CONTENTS) {
      const { subject, text, html } = renderMail(
        { to: 'a@b.example', locale, content },
        PUBLIC_URL,
      );
      expect(`${subject}${text}`).not.toMatch(/[{}]|undefined/);
      if ('limitUsd' in content) expect(text).toContain(`${content.limitUsd} USD`);
      expect(html).toContain(`lang="${locale}"`);
      expect(text).toContain('gate.example');
      if ('token' in content) expect(text).toContain('#token=the-token');
    }
  });
});

test('what people wrote is text in a mail, never markup, a header or a place to be filled', () => {
  const { subject, html } = renderMail(
    {
      to: 'a@b.example',
      locale: 'en',
      content: {
        template: 'invitation',
        token: 't',
        organizationName: '<b>{role}</b>\r\nBcc: all@c.example',
        inviterName: 'Ada & "Co"',
        role: 'developer',
      },
    },
    PUBLIC_URL,
  );
  expect(subject).toBe('Ada & "Co" invites you to <b>{role}</b> Bcc: all@c.example');
  expect(html).toContain('&lt;b&gt;{role}&lt;/b&gt;');
  expect(html).not.toContain('<b>');
});

describe('sending', () => {
  let database: TestDatabase;
  let outboxDir: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    outboxDir = join(await mkdtemp(join(tmpdir(), 'sealgate-mail-')), 'outbox');
  });
  afterAll(async () => {
    await database.close();
    await rm(join(outboxDir, '..'), { recursive: true });
  });
  const ctx = () => testContext(database);
  const mail: Mail = {
    to: 'ada@example.com',
    locale: 'ja',
    content: { template: 'reset-password', token: 'the-token' },
  };
  const enqueue = () => inSystem(ctx(), (transaction) => enqueueMail(transaction, ctx(), mail));
  const runJobs = (mailer: Mailer) =>
    runDueJobs({
      database,
      jobs: {
        ...IDLE_JOBS,
        'send-mail': ({ mailId }) => sendMail(ctx(), { mailer, publicUrl: PUBLIC_URL }, mailId),
      },
    });
  const from = 'Sealgate <gate@gate.example>';

  test('a mail arrives at the server, as text and as HTML, and leaves the outbox', async () => {
    const received: { to: string[]; message: string }[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        void buffer(stream).then((bytes) => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          received.push({ to, message: bytes.toString('utf8') });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const log = { warn: () => expect.unreachable() };
    const smtpUrl = new Secret(`smtp://127.0.0.1:${port}`);
    const mailer = createMailer({ smtpUrl, from, outboxDir, log });
    await enqueue();
    await runJobs(mailer);
    mailer.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));

    expect(received).toHaveLength(1);
    const [{ to, message } = { to: [], message: '' }] = received;
    expect(to).toEqual(['ada@example.com']);
    expect(message).toMatch(/^From: Sealgate <gate@gate.example>\r$/m);
    expect(message).toContain('multipart/alternative');
    expect(message).toContain('text/plain');
    expect(message).toContain('text/html');
    expect(await database.admin.$count(outboxMails)).toBe(0);
  });

  test('a mail stays in the outbox, and the failure names nobody, while the server refuses', async () => {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: ({ address }, _session, done) => done(new Error(`no such person: ${address}`)),
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const smtpUrl = new Secret(`smtp://127.0.0.1:${port}`);
    const mailer = createMailer({ smtpUrl, from, outboxDir, log: { warn: () => undefined } });
    await enqueue();
    await runJobs(mailer);
    mailer.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));

    expect(await database.admin.$count(outboxMails)).toBe(1);
    const { rows } = await database.admin.execute('select last_error from graphile_worker.jobs');
    expect(rows).toEqual([{ last_error: 'the mail server did not take it (EENVELOPE 550)' }]);
    await database.admin.execute('delete from graphile_worker._private_jobs');
    await database.admin.delete(outboxMails);
  });

  test('without a server a mail becomes a file that only the gateway’s user reads, and a line in the log', async () => {
    const lines: [object, string][] = [];
    const log = { warn: (facts: object, text: string) => void lines.push([facts, text]) };
    const mailer = createMailer({ smtpUrl: undefined, from, outboxDir, log });
    await enqueue();
    await runJobs(mailer);
    const files = await readdir(outboxDir);
    expect(files).toEqual([expect.stringMatching(/^mail_\w+\.eml$/)]);
    const path = join(outboxDir, files[0] ?? '');
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect(await readFile(path, 'utf8')).toContain('To: ada@example.com');
    expect(lines).toEqual([
      [expect.objectContaining({ file: path }), expect.stringMatching('^mail not sent')],
    ]);
    expect(JSON.stringify(lines)).not.toContain('ada@example.com');
  });
});
