import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { TokenPair } from '../../customers/accounts/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Env } from '../env.ts';

/** Whose pages may use session cookies. */
export interface Site {
  /** Where people reach this server. */
  readonly publicUrl: string;
  /** Besides its own. */
  readonly trustedOrigins: readonly string[];
}

/** The session's cookies of a browser that showed a page of ours. */
export interface SessionCookies {
  readonly refreshToken: string | undefined;
  keep(tokens: TokenPair): void;
  clear(): void;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Throws 403 for a request that a page of another site may have caused, whether or not it has a cookie yet. */
export function openSessionCookies(site: Site, http: Context<Env>): SessionCookies {
  const { isSecure, names, path, canServe } = termsOf(site, http);
  if (!canServe) {
    throw denied('Session cookies need https. Set SEALGATE_PUBLIC_URL to an https address.');
  }
  refuseOtherSites(site, http);
  const put = (access: string, refresh: string, seconds: readonly [number, number]): void => {
    const flags = { httpOnly: true, secure: isSecure, sameSite: 'Strict' } as const;
    setCookie(http, names.access, access, { ...flags, path: '/', maxAge: seconds[0] });
    setCookie(http, names.refresh, refresh, { ...flags, path, maxAge: seconds[1] });
  };
  return {
    refreshToken: getCookie(http, names.refresh),
    keep: ({ accessToken, refreshToken, expiresInSeconds, sessionEndsInSeconds }) =>
      put(accessToken.reveal(), refreshToken.reveal(), [expiresInSeconds, sessionEndsInSeconds]),
    clear: () => put('', '', [0, 0]),
  };
}

/** The access token in the cookie, if there is one. Throws 403 when another site may have sent it along. */
export function accessTokenInCookie(site: Site, http: Context<Env>): string | undefined {
  const { names, canServe } = termsOf(site, http);
  const token = canServe ? getCookie(http, names.access) : undefined;
  if (token === undefined) return undefined;
  refuseOtherSites(site, http);
  // Caches on the way know that of `Authorization`, not of cookies.
  http.header('cache-control', 'no-store');
  return token;
}

/** Browsers keep `__Host-` and `__Secure-` cookies from whoever is not this host by https; `__Host-` allows no path. */
function termsOf({ publicUrl }: Site, http: Context<Env>) {
  const { protocol, hostname, pathname } = new URL(publicUrl);
  const isSecure = protocol === 'https:';
  return {
    isSecure,
    canServe:
      isSecure || (LOOPBACK.test(hostname) && LOOPBACK.test(new URL(http.req.url).hostname)),
    names: isSecure
      ? { access: '__Host-sealgate', refresh: '__Secure-sealgate-refresh' }
      : { access: 'sealgate', refresh: 'sealgate-refresh' },
    path: `${pathname.replace(/\/$/, '')}/v1/auth`,
  };
}

/**
 * SameSite lets pages of sibling hosts and other ports through. A header of our own makes browsers ask first, and CORS
 * never allows it.
 */
function refuseOtherSites({ publicUrl, trustedOrigins }: Site, { req }: Context<Env>): void {
  if (req.header('sec-fetch-site') === 'cross-site') throw denied(OTHER_SITE);
  if (req.method === 'GET' || req.method === 'HEAD') return;
  if (req.header('x-sealgate-csrf') !== '1') {
    throw denied('With session cookies, this needs the header "X-Sealgate-CSRF: 1".');
  }
  const origin = req.header('origin');
  const { protocol, origin: ours } = new URL(publicUrl);
  const trusted = [ours, `${protocol}//${new URL(req.url).host}`, ...trustedOrigins];
  if (origin !== undefined && !trusted.includes(origin)) throw denied(OTHER_SITE);
}

const OTHER_SITE = 'Session cookies serve pages of this server only, and another site asked.';

const denied = (message: string): Refusal => new Refusal('permission_denied', { message });
