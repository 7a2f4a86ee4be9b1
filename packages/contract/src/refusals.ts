/**
 * The closed table of everything the API refuses. `code` is the key; the HTTP layer is the only reader of `status`.
 * `message` is a complete sentence that says what to do next; call sites may replace it with a more specific one.
 * `isRetryUseful: false` becomes `x-should-retry: false`, which stock OpenAI clients obey on 409 and 429.
 */
export const REFUSALS = {
  invalid_request_error: row(400, 'invalid_request_error', 'The request is not valid.'),
  max_price_unsatisfiable: row(
    400,
    'invalid_request_error',
    'No model that fits this request costs at most max_price. Raise max_price or choose another model.',
  ),
  sealed_request_invalid: row(
    400,
    'invalid_request_error',
    'The sealed request could not be opened. Fetch /pki/public_key again and seal the request anew.',
  ),
  invalid_api_key: row(
    401,
    'authentication_error',
    'The API key is not valid. Send it as "Authorization: Bearer sk-xc-…".',
  ),
  key_revoked: row(401, 'authentication_error', 'This API key was revoked. Create a new one.'),
  key_expired: row(401, 'authentication_error', 'This API key has expired. Create a new one.'),
  invalid_credentials: row(
    401,
    'authentication_error',
    'The e-mail address, the password or the code is not right.',
  ),
  two_factor_required: row(
    401,
    'authentication_error',
    'This account has a second factor. Send totp_code or recovery_code too.',
  ),
  token_expired: row(
    401,
    'authentication_error',
    'This token is not valid any more. Refresh it, or sign in again.',
  ),
  account_suspended: row(
    402,
    'insufficient_balance',
    'The balance does not cover this request. Top up, or lower max_tokens.',
  ),
  permission_denied: row(403, 'permission_error', 'This key may not do this.'),
  ip_not_allowed: row(
    403,
    'permission_error',
    'This key may not be used from your address. Ask who manages it to extend its ip_allow_list.',
  ),
  geo_policy_violation: row(
    403,
    'permission_error',
    'The geo policy of this key excludes every provider of this model. Choose another model.',
  ),
  model_not_allowed: row(403, 'permission_error', 'This key may not use this model.'),
  provider_key_unusable: row(
    403,
    'permission_error',
    'Your organization’s own key for this provider cannot be used. Its owner or an admin finds the reason at GET /v1/billing/provider-keys.',
  ),
  tier_not_allowed: row(
    403,
    'permission_error',
    'This model is not available on the requested security tier.',
  ),
  not_found: row(404, 'invalid_request_error', 'There is nothing here.'),
  model_not_found: row(
    404,
    'invalid_request_error',
    'This model does not exist. GET /v1/models lists the models you can use.',
  ),
  method_not_allowed: row(405, 'invalid_request_error', 'This path does not take this method.'),
  request_timeout: row(408, 'invalid_request_error', 'The request did not arrive in time.'),
  conflict: row(409, 'invalid_request_error', 'This conflicts with the current state.', false),
  idempotency_conflict: row(
    409,
    'invalid_request_error',
    'This Idempotency-Key was used for another request. Make a new one for each new request.',
    false,
  ),
  last_owner: row(
    409,
    'invalid_request_error',
    'An organization always has an owner. Transfer the ownership first.',
    false,
  ),
  replayed_request: row(
    409,
    'invalid_request_error',
    'This sealed request was already used. Seal the request anew.',
    false,
  ),
  payload_too_large: row(413, 'invalid_request_error', 'The request body is too large.'),
  headers_too_large: row(431, 'invalid_request_error', 'The request headers are too large.'),
  key_monthly_cap_exceeded: row(
    429,
    'insufficient_quota',
    'The monthly spend cap of this key does not cover this request.',
    false,
  ),
  tenant_monthly_quota_exceeded: row(
    429,
    'insufficient_quota',
    'A monthly quota of the organization does not cover this request.',
    false,
  ),
  rate_limit_exceeded: row(429, 'rate_limit_error', 'Too many requests. Wait, then try again.'),
  internal: row(500, 'server_error', 'Something failed on our side. Try again.'),
  upstream_error: row(502, 'upstream_error', 'The model provider failed. Try again.'),
  no_upstream_available: row(
    503,
    'upstream_error',
    'No provider for this model is available now. Try again shortly.',
  ),
  service_unavailable: row(503, 'server_error', 'The service is not available. Try again shortly.'),
  sealed_cool_down: row(
    503,
    'rate_limit_error',
    'This key sent too many bursts and is cooling down.',
    false,
  ),
  memory_not_protected: row(
    503,
    'server_error',
    'The tier "maximum" needs locked memory, which this server does not have. Its operator can run "sealgate doctor".',
    false,
  ),
  payments_not_configured: row(
    503,
    'server_error',
    'Payments are not set up on this server. Its operator can credit a wallet: sealgate wallet credit.',
    false,
  ),
  payment_provider_error: row(
    502,
    'server_error',
    'The payment provider did not answer as it should, and nothing was charged. Try again with the same idempotency_key.',
  ),
  upstream_timeout: row(504, 'upstream_error', 'The model provider did not answer in time.'),
} as const;

export type RefusalCode = keyof typeof REFUSALS;

export interface RefusalRow {
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type: string;
  readonly message: string;
  readonly isRetryUseful: boolean;
}

function row(status: number, type: string, message: string, isRetryUseful = true): RefusalRow {
  return { status, type, message, isRetryUseful };
}
