import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Sealgate } from '@sealgate/sdk';
import { vi } from 'vitest';
import type { Gateway } from './harness.ts';

export const PASSWORD = 'correct horse battery staple';

export interface Person {
  /** Acts for the person. */
  readonly client: Sealgate;
  readonly accessToken: string;
}

/** Registers, follows the link in the mail and signs in, as a person does it. */
export async function signUp(gateway: Gateway, email: string): Promise<Person> {
  const stranger = new Sealgate({ baseURL: `${gateway.url()}/v1` });
  await stranger.auth.register({ email, password: PASSWORD });
  await stranger.auth.verifyEmail({ token: await mailedToken(gateway, email, 'verify-email') });
  return signIn(gateway, email);
}

export async function signIn(gateway: Gateway, email: string): Promise<Person> {
  const stranger = new Sealgate({ baseURL: `${gateway.url()}/v1` });
  const { access_token: accessToken } = await stranger.auth.login({ email, password: PASSWORD });
  return { client: stranger.withOptions({ apiKey: accessToken }), accessToken };
}

/** The token in the link of a mail, once the mail is in the outbox. */
export function mailedToken(
  gateway: Gateway,
  to: string,
  page: 'verify-email' | 'reset-password' | 'invitation',
): Promise<string> {
  return vi.waitFor(
    async () => {
      const outbox = join(gateway.dataDir, 'outbox');
      const files = await readdir(outbox);
      const mails = await Promise.all(files.map((file) => readFile(join(outbox, file), 'utf8')));
      const link = new RegExp(`/${page}#token=([\\w-]{43})`);
      const found = mails
        .filter((mail) => mail.includes(`To: ${to}`))
        .map((mail) => link.exec(withoutTransferEncoding(mail))?.[1])
        .find(Boolean);
      if (found === undefined) throw new Error(`no mail to ${to} with a link to ${page}`);
      return found;
    },
    { timeout: 20_000, interval: 100 },
  );
}

/** Quoted-printable: long lines are broken, and "=" is spelt out. */
const withoutTransferEncoding = (text: string): string =>
  text.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
