import { DE } from './languages/de.ts';
import { EN } from './languages/en.ts';
import { JA } from './languages/ja.ts';
import { KO } from './languages/ko.ts';
import type { Messages } from './languages/messages.ts';
import { ZH_CN } from './languages/zh-cn.ts';
import type { Mail } from './mail.ts';

/** Every mail in every language. */
export const CATALOGUE: Readonly<Record<Mail['locale'], Messages>> = {
  en: EN,
  'zh-CN': ZH_CN,
  ko: KO,
  de: DE,
  ja: JA,
};
