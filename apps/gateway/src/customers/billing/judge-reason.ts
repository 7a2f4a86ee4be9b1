import { Refusal } from '../../platform/refusal.ts';

const MAX_REASON_CHARACTERS = 500;

/** What a person decides about money they explain. */
export function judgeReason(text: string): string {
  const reason = text.trim();
  if (reason !== '' && reason.length <= MAX_REASON_CHARACTERS) return reason;
  throw new Refusal('invalid_request_error', {
    message: `Say why, in at most ${MAX_REASON_CHARACTERS} characters.`,
    param: 'reason',
  });
}
