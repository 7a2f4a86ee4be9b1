import { LOCALES, type Locale } from '@sealgate/contract';

/** The first language of `Accept-Language` that mails are written in; weights are ignored, browsers send them in order. */
export function readLocale(acceptLanguage: string | undefined): Locale {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => part.split(';')[0]?.trim().toLowerCase().split('-')[0] ?? '');
  for (const language of wanted) {
    const locale = LOCALES.find((each) => each.split('-')[0] === language);
    if (locale !== undefined) return locale;
  }
  return 'en';
}
