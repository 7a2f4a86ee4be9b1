import { Secret as OtpSecret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';

const ISSUER = 'Sealgate';
const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;
/** One step to either side: clocks differ, and typing takes time. */
const WINDOW = 1;

export const mintTotpSecret = (): string => new OtpSecret({ size: SECRET_BYTES }).base32;

/** The step that the code is of, or nothing: it is of none around now. */
export function stepOf(secret: string, code: string, nowMs: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret).validate({ token: code, timestamp: nowMs, window: WINDOW });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_SECONDS) + delta;
}

export interface TotpInvitation {
  readonly secret: string;
  readonly otpauthUri: string;
  /** A data URI. */
  readonly qrCode: string;
}

/** For the authenticator app. */
export function inviteApp(secret: string, label: string): TotpInvitation {
  const otpauthUri = totpOf(secret, label).toString();
  const svg = renderSVG(otpauthUri, { border: 4 });
  return {
    secret,
    otpauthUri,
    qrCode: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
  };
}

const totpOf = (secret: string, label = ''): TOTP =>
  new TOTP({ issuer: ISSUER, label, secret, period: PERIOD_SECONDS });
