import { isIP } from 'node:net';
import { CACHE_MODES, parseUsd, type NanoUsd } from '@sealgate/contract';
import { z } from 'zod';
import { splitCommand } from '../platform/master-key/index.ts';
import { parseTpmSetting, type TpmSetting } from '../platform/tpm/index.ts';

/** What Stripe can charge in US dollars. */
const CHARGEABLE = 'must be from 0.50 to 999999.99, in whole cents';

/**
 * Every variable that Sealgate reads, but for the providers' keys: its default beside one sentence. `docs/operations.md`
 * has the same table, and a test compares the two.
 */
export const Environment = z.object({
  SEALGATE_HOST: z
    .string()
    .prefault('127.0.0.1')
    .describe('Address to listen on; `0.0.0.0` listens on all.'),
  SEALGATE_PORT: whole(0, 65_535)
    .prefault('8787')
    .describe('Port to listen on; `0` takes any free one.'),
  SEALGATE_DATA_DIR: z
    .string()
    .prefault('./data')
    .describe('Folder for the embedded database, keys and the usage journal.'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional()
    .describe('PostgreSQL to use instead of the embedded one.'),
  SEALGATE_MASTER_KEY: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe(
      'Encrypts second-factor secrets and the like in the database; without it and the next two, `master.key` in the data folder does.',
    ),
  SEALGATE_MASTER_KEY_FILE: z
    .string()
    .optional()
    .describe('File that holds the master key instead; only its owner may open it.'),
  SEALGATE_MASTER_KEY_COMMAND: z
    .string()
    .refine(
      (text) => splitCommand(text) !== undefined,
      'must be a command and its arguments, with spaces between; quotes must end',
    )
    .optional()
    .describe(
      'Command that prints the master key instead, e.g. the client of a KMS. It is run without a shell: quotes keep spaces together.',
    ),
  SEALGATE_CONFIG: z
    .string()
    .prefault('./sealgate.yaml')
    .describe('File with upstreams, models and tiers; the default one may be missing.'),
  SEALGATE_PRICE_CATALOGUE: z
    .string()
    .optional()
    .describe(
      'File with list prices of known models, instead of the one that comes with Sealgate; read again when it changes.',
    ),
  SEALGATE_PUBLIC_URL: z
    .string()
    .regex(/^https?:\/\/[^/?#]+(\/[^?#]*)?$/, 'must be an address such as https://gate.example.com')
    .optional()
    .describe('Where people reach this gateway: links in mails lead there. Default: this machine.'),
  SEALGATE_SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
    .optional()
    .describe('Server that sends mails, with user and password; without it they become files.'),
  SEALGATE_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*@[^\r\n]*$/, 'must be an e-mail address')
    .prefault('Sealgate <sealgate@localhost>')
    .describe('Sender of mails.'),
  SEALGATE_START_CREDIT_USD: usd()
    .prefault('10.00')
    .describe('Credit of the wallet that the first start creates.'),
  SEALGATE_SIGNUP_CREDIT_USD: usd()
    .prefault('0.00')
    .describe('Credit of the wallet of every further account; anybody can register.'),
  SEALGATE_DEFAULT_MAX_TOKENS: whole(1, 10_000_000)
    .prefault('16384')
    .describe('Most tokens of an answer whose caller sets no limit, so that its cost has a bound.'),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_\S+$/, 'must begin with sk_ or rk_')
    .optional()
    .describe(
      'Takes top-ups through Stripe; needs `STRIPE_WEBHOOK_SECRET`. Without it, there are none.',
    ),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\S{16,}$/, 'must begin with whsec_ and have at least 16 characters after that')
    .optional()
    .describe('Proves that events are Stripe’s; of the endpoint `/v1/billing/stripe/webhook`.'),
  SEALGATE_STRIPE_API_URL: z
    .string()
    .refine(
      isHttpOrigin,
      'must be an http(s) address without a path, such as http://127.0.0.1:12111',
    )
    .optional()
    .describe('Where Stripe’s API is, e.g. stripe-mock. Default: Stripe’s own.'),
  SEALGATE_TOP_UP_MIN_USD: usd()
    .refine(isChargeable, CHARGEABLE)
    .prefault('5.00')
    .describe('Least amount of a top-up: below, Stripe’s fees eat much of it.'),
  SEALGATE_TOP_UP_MAX_USD: usd()
    .refine(isChargeable, CHARGEABLE)
    .prefault('10000.00')
    .describe('Largest amount of a top-up: what a mistyped one can cost.'),
  SEALGATE_OPERATOR_NAME: z
    .string()
    .max(200, 'must have at most 200 characters')
    .prefault('Sealgate')
    .describe('Who issues invoices.'),
  SEALGATE_OPERATOR_ADDRESS: lines(6, 100)
    .prefault('')
    .describe(
      'Address and tax number on invoices: at most 6 lines of 100 characters, separated by vertical bars.',
    ),
  SEALGATE_RATE_LIMIT_RPM: whole(1, 1_000_000)
    .prefault('60')
    .describe('Requests per minute of a key that has no limit of its own.'),
  SEALGATE_SEALED: onOff()
    .prefault('on')
    .describe('Sealed chat; `off` answers its paths with 404.'),
  SEALGATE_SEALED_RATE_PER_SECOND: whole(1, 100_000)
    .prefault('2')
    .describe('Sealed requests per second and key.'),
  SEALGATE_SEALED_BURST: whole(1, 100_000)
    .prefault('4')
    .describe('Sealed requests that a key may send in one second, once in ten seconds.'),
  SEALGATE_TPM: tpm()
    .prefault('auto')
    .describe('TPM 2.0 for quotes: `auto`, `off`, a device, `unix:/path` or `tcp:host:port`.'),
  SEALGATE_STRICT_MEMORY: onOff()
    .prefault('off')
    .describe('`on` refuses to start when memory cannot be locked.'),
  SEALGATE_TRUSTED_PROXIES: list(
    isAddressRange,
    'is neither an address nor a range such as 10.0.0.0/8',
  )
    .prefault('')
    .describe(
      'Addresses or ranges of proxies whose `X-Forwarded-For` is believed, with commas between.',
    ),
  SEALGATE_CORS_ORIGINS: list(isOrigin, 'is no origin such as https://app.example.com')
    .prefault('')
    .describe(
      'Origins whose pages may call the API from a browser, with commas between; `*` for all.',
    ),
  SEALGATE_METRICS_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('Bearer token that reads `/metrics` from another machine.'),
  SEALGATE_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .prefault('info')
    .describe('Least important lines to log: `debug`, `info`, `warn`, `error` or `silent`.'),
  SEALGATE_LOCAL_MODELS: onOff().prefault('on').describe('The bundled tiny models.'),
  SEALGATE_DISCOVER: onOff()
    .prefault('on')
    .describe(
      'Finding model servers on this machine and providers by the keys in the environment.',
    ),
  SEALGATE_CACHE: z
    .enum(CACHE_MODES)
    .prefault('exact')
    .describe(
      'The most that keys may choose of caching answers: `off`, `exact` or `semantic`, which can give a wrong one.',
    ),
  SEALGATE_OWN_KEYS: z
    .enum(['known', 'upstreams', 'off'])
    .prefault('known')
    .describe(
      'Which providers organizations may bring keys for: `known` (your public upstreams and the well-known providers), `upstreams` (only yours) or `off`.',
    ),
  SEALGATE_ROUTING_FEATURES: onOff()
    .prefault('on')
    .describe(
      'Keeping hashed words of prompts, by which votes teach the router; `off` keeps none, and it learns nothing.',
    ),
  SEALGATE_ROUTING_LOG_DAYS: whole(1, 3_650)
    .prefault('90')
    .describe('Days for which the router’s decisions are kept.'),
  SEALGATE_UPSTREAM_CONNECT_TIMEOUT_MS: whole(1, 600_000)
    .prefault('5000')
    .describe('Longest wait for a connection to an upstream.'),
  SEALGATE_UPSTREAM_FIRST_BYTE_TIMEOUT_MS: whole(1, 3_600_000)
    .prefault('300000')
    .describe('Longest wait for the first byte of an answer.'),
  SEALGATE_UPSTREAM_IDLE_TIMEOUT_MS: whole(1, 3_600_000)
    .prefault('120000')
    .describe('Longest silence within an answer.'),
  SEALGATE_UPSTREAM_TOTAL_TIMEOUT_MS: whole(1, 86_400_000)
    .prefault('900000')
    .describe('Longest time for a whole answer.'),
  SEALGATE_UPSTREAM_CONNECTIONS: whole(1, 65_535)
    .prefault('1024')
    .describe('Most connections to one upstream; more requests wait.'),
});

export type Environment = z.output<typeof Environment>;

function whole(least: number, most: number): z.ZodType<number, string> {
  const isWhole = (text: string): boolean =>
    /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most;
  return z
    .string()
    .refine(isWhole, `must be a whole number from ${least} to ${most}`)
    .transform(Number);
}

function onOff(): z.ZodType<boolean, string> {
  return z
    .string()
    .refine((text) => ON.has(text) || OFF.has(text), 'must be on or off')
    .transform((text) => ON.has(text));
}

const ON = new Set(['on', 'true', '1', 'yes']);
const OFF = new Set(['off', 'false', '0', 'no']);

function usd(): z.ZodType<NanoUsd, string> {
  return z.string().transform((text, context) => {
    const amount = parseUsd(text);
    if (amount !== undefined && amount >= 0n) return amount;
    context.addIssue('must be an amount of dollars such as 10.00');
    return z.NEVER;
  });
}

function tpm(): z.ZodType<TpmSetting, string> {
  return z.string().transform((text, context) => {
    const setting = parseTpmSetting(text);
    if (setting !== undefined) return setting;
    context.addIssue('must be auto, off, /dev/…, unix:/path or tcp:host:port');
    return z.NEVER;
  });
}

function list(isValid: (part: string) => boolean, otherwise: string): z.ZodType<string[], string> {
  return z.string().transform((text, context) => {
    const parts = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const wrong = parts.find((part) => !isValid(part));
    if (wrong !== undefined) context.addIssue(`"${wrong}" ${otherwise}`);
    return parts;
  });
}

function isChargeable(amount: NanoUsd): boolean {
  return amount >= 500_000_000n && amount < 10n ** 15n && amount % 10_000_000n === 0n;
}

/** Lines of a text that cannot have any. */
function lines(most: number, mostCharacters: number): z.ZodType<string[], string> {
  return z.string().transform((text, context) => {
    const parts = text
      .split('|')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    if (parts.length > most || parts.some((part) => part.length > mostCharacters)) {
      context.addIssue(`must have at most ${most} lines of ${mostCharacters} characters`);
    }
    return parts;
  });
}

function isHttpOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

function isOrigin(text: string): boolean {
  return text === '*' || (URL.canParse(text) && new URL(text).origin === text);
}
