import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Secret } from '../secret.ts';

export interface Letter {
  /** Of the outbox: the same mail that is sent twice is recognised by it. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /** Throws an error that names no person. */
  send(letter: Letter): Promise<void>;
  close(): void;
}

export interface MailSettings {
  /** `undefined`: mails become files. */
  readonly smtpUrl: Secret | undefined;
  readonly from: string;
  /** For mails that are not sent. */
  readonly outboxDir: string;
  readonly log: { warn(facts: object, text: string): void };
}

const TIMEOUT_MS = 20_000;

export function createMailer(settings: MailSettings): Mailer {
  const { smtpUrl } = settings;
  return smtpUrl === undefined ? fileMailer(settings) : smtpMailer(smtpUrl, settings.from);
}

function smtpMailer(smtpUrl: Secret, from: string): Mailer {
  const transport = createTransport(smtpUrl.reveal(), {
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  } as object);
  return {
    send: async (letter) => {
      await transport.sendMail(messageOf(letter, from)).catch((error: unknown) => {
        throw new Error(`the mail server did not take it (${reasonOf(error)})`);
      });
    },
    close: () => transport.close(),
  };
}

/** Replies of mail servers repeat the address. */
function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { code, responseCode } = error as {
    readonly code?: string;
    readonly responseCode?: number;
  };
  return [code, responseCode].filter((part) => part !== undefined).join(' ') || 'unknown';
}

function fileMailer({ from, outboxDir, log }: MailSettings): Mailer {
  const composer = createTransport({ streamTransport: true, buffer: true });
  return {
    send: async (letter) => {
      const { message } = await composer.sendMail(messageOf(letter, from));
      await mkdir(outboxDir, { recursive: true, mode: 0o700 });
      const file = join(outboxDir, `${letter.id}.eml`);
      await writeFile(file, message as Buffer, { mode: 0o600 });
      log.warn({ mail: letter.id, file }, 'mail not sent: SEALGATE_SMTP_URL is not set');
    },
    close: () => undefined,
  };
}

const messageOf = ({ id, to, subject, text, html }: Letter, from: string): SendMailOptions => ({
  // An object: a text would be parsed as a list of addresses.
  to: { name: '', address: to },
  from,
  subject,
  text,
  html,
  messageId: `<${id}@sealgate>`,
  headers: { 'Auto-Submitted': 'auto-generated' },
  disableFileAccess: true,
  disableUrlAccess: true,
});
