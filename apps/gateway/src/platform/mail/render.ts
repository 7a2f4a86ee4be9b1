import { CATALOGUE } from './catalogue.ts';
import type { Wording } from './languages/messages.ts';
import type { Mail, MailContent } from './mail.ts';

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** `publicUrl`: where people reach this installation, without a slash at the end. */
export function renderMail({ locale, content }: Mail, publicUrl: string): RenderedMail {
  const messages = CATALOGUE[locale];
  const wording: Wording = messages[content.template];
  const values = { ...valuesOf(content, locale), origin: new URL(publicUrl).host };
  const say = (text: string): string => fill(text, values);
  const paragraphs = wording.body.map(say);
  const path = pathOf(content);
  const link =
    path === undefined || wording.action === undefined
      ? undefined
      : { label: wording.action, url: `${publicUrl}${path}` };
  const [first = '', ...rest] = paragraphs;
  const footer = say(messages.footer);
  return {
    subject: say(wording.subject),
    text: `${[first, ...(link ? [link.url] : []), ...rest, `-- \n${footer}`].join('\n\n')}\n`,
    html: page({ locale, first, rest, link, footer }),
  };
}

/** Pages of the dashboard. Tokens stand after the `#`: browsers do not send that part to anybody. */
function pathOf(content: MailContent): string | undefined {
  switch (content.template) {
    case 'verify-email':
      return `/verify-email#token=${content.token}`;
    case 'reset-password':
      return `/reset-password#token=${content.token}`;
    case 'invitation':
      return `/invitation#token=${content.token}`;
    case 'account-exists':
      return '/login';
    case 'password-changed':
      return '/forgot-password';
    case 'auto-top-up-stopped':
    case 'plan-ended':
      return '/billing';
    case 'account-deactivated':
    case 'limit-reached':
    case 'low-balance':
      return undefined;
  }
}

function valuesOf(content: MailContent, locale: Mail['locale']): Readonly<Record<string, string>> {
  const { roles, spenders, somebody, stops } = CATALOGUE[locale];
  switch (content.template) {
    case 'invitation':
      return {
        organization: content.organizationName,
        inviter: content.inviterName ?? somebody,
        role: roles[content.role],
      };
    case 'account-deactivated':
      return { eraseAfter: content.eraseAfter.slice(0, 10) };
    case 'limit-reached':
      return {
        organization: content.organizationName,
        spender: fill(spenders[content.scope], { name: content.subjectName }),
        threshold: String(content.threshold),
        spent: content.spentUsd,
        limit: content.limitUsd,
        month: content.month,
        resetsOn: content.resetsOn,
        timeZone: content.timeZone,
      };
    case 'low-balance':
      return {
        organization: content.organizationName,
        balance: content.balanceUsd,
        limit: content.limitUsd,
      };
    case 'auto-top-up-stopped':
      return {
        organization: content.organizationName,
        amount: content.amountUsd,
        reason: stops[content.reason],
      };
    case 'plan-ended':
      return {
        organization: content.organizationName,
        plan: content.planName,
        month: content.month,
        fee: content.feeUsd,
      };
    case 'verify-email':
    case 'account-exists':
    case 'reset-password':
    case 'password-changed':
      return {};
  }
}

/** In one pass, so that a value with braces stays as it is; without line breaks, which have a meaning in mails. */
const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    (values[name] ?? whole).replaceAll(/\p{Cc}+/gu, ' '),
  );

interface Page {
  readonly locale: string;
  readonly first: string;
  readonly rest: readonly string[];
  readonly link: { readonly label: string; readonly url: string } | undefined;
  readonly footer: string;
}

function page({ locale, first, rest, link, footer }: Page): string {
  const paragraph = (text: string): string => `<p>${escape(text)}</p>`;
  const button = link
    ? `<p><a href="${escape(link.url)}" style="display:inline-block;padding:10px 18px;border-radius:6px;` +
      `background:#1f2937;color:#ffffff;text-decoration:none">${escape(link.label)}</a></p>` +
      `<p style="font-size:12px;color:#6b7280;word-break:break-all">${escape(link.url)}</p>`
    : '';
  return (
    `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"></head>` +
    '<body style="font-family:system-ui,sans-serif;line-height:1.5;color:#111827;max-width:560px;margin:0 auto;padding:24px">' +
    `${paragraph(first)}${button}${rest.map(paragraph).join('')}` +
    `<p style="font-size:12px;color:#6b7280">${escape(footer)}</p></body></html>`
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
