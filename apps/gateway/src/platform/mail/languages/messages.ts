import type { MailContent } from '../mail.ts';

export type Template = MailContent['template'];

/** What a message says; `{name}` is filled in. */
export interface Wording {
  readonly subject: string;
  /** Paragraphs. */
  readonly body: readonly string[];
  /** On the button, where there is a link. */
  readonly action?: string;
}

export type Messages = Readonly<Record<Template, Wording>> & {
  /** At the end of every mail. */
  readonly footer: string;
  readonly roles: Readonly<Record<'admin' | 'developer', string>>;
  /** Who has reached a limit; `{name}` is filled in. */
  readonly spenders: Readonly<Record<'organization' | 'member' | 'key', string>>;
  /** For an inviter without a name. */
  readonly somebody: string;
  /** Why a wallet is not topped up by itself any more. */
  readonly stops: Readonly<Record<'declined' | 'disputed', string>>;
};
