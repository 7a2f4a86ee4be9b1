export interface Cors {
  /** For every answer. */
  readonly headersFor: (origin: string | undefined) => Readonly<Record<string, string>>;
  /** For the answer to `OPTIONS`. */
  readonly preflightFor: (origin: string | undefined) => Readonly<Record<string, string>>;
}

const EXPOSED = [
  'Retry-After',
  'X-Request-ID',
  'X-Trace-ID',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Usage-Input-Tokens',
  'X-Usage-Output-Tokens',
  'X-Nexevo-Generation-Id',
  'X-Nexevo-Model-Used',
  'X-Nexevo-Models-Tried',
].join(', ');

const NOTHING = {};

/**
 * Lets browsers call the API from other pages. `*` is safe here: callers prove themselves with a bearer key that pages
 * must hold. Cookies serve our own pages only: `Access-Control-Allow-Credentials` and the header that goes with cookies are
 * never allowed.
 */
export function createCors(allowedOrigins: readonly string[]): Cors {
  const isEveryone = allowedOrigins.includes('*');
  const allowed = new Set(allowedOrigins);
  const headersFor = (origin: string | undefined): Readonly<Record<string, string>> => {
    if (origin === undefined || !(isEveryone || allowed.has(origin))) return NOTHING;
    return {
      'access-control-allow-origin': isEveryone ? '*' : origin,
      'access-control-expose-headers': EXPOSED,
      ...(!isEveryone && { vary: 'Origin' }),
    };
  };
  return {
    headersFor,
    preflightFor: (origin) => ({
      ...headersFor(origin),
      'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE, OPTIONS',
      'access-control-allow-headers':
        'Authorization, Content-Type, Idempotency-Key, X-Nexevo-Cache, X-Organization-ID, X-Payload-ID, X-Public-Key, X-Security-Tier, ' +
        'X-Stainless-Arch, X-Stainless-Lang, X-Stainless-OS, X-Stainless-Package-Version, ' +
        'X-Stainless-Retry-Count, X-Stainless-Runtime, X-Stainless-Runtime-Version, X-Stainless-Timeout',
      'access-control-max-age': '7200',
    }),
  };
}
