import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { checkConfig, ConfigProblem, loadConfig, readConfig, type Config } from './config.ts';
import { describeVariables } from './config/describe-variables.ts';
import { DEFAULT_CACHE_SETTINGS } from './inference/cache/index.ts';
import {
  DEFAULT_RESILIENCE,
  priceCatalogueJsonSchema,
  SHIPPED_CATALOGUE_PATH,
} from './inference/upstreams/index.ts';
import { sealgateFileJsonSchema } from './config/sealgate-file.ts';
import { DEFAULT_PRICE_LIST, NO_DISCOUNT } from './customers/billing/index.ts';

const root = new URL('../../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

function load(yamlText: string, env: Record<string, string> = {}): Config {
  return loadConfig({ env, yamlText });
}

/** `field: message`, with the line in front when there is one. */
function faultsOf(yamlText: string, env: Record<string, string> = {}): string[] {
  try {
    load(yamlText, env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigProblem)) throw error;
    return error.faults.map(({ where, line, message }) => `${line ?? '-'} ${where}: ${message}`);
  }
}

const upstream = (fields: string): string =>
  `upstreams:\n  - id: mine\n    base_url: https://mine.example/v1\n${fields.replace(/^/gm, '    ')}\n`;

const keysOf = (config: Config): unknown =>
  config.upstreams[0]?.upstream.keys?.map(({ name, weight, secret }) => [
    name,
    weight,
    secret.reveal(),
  ]);

describe('the environment', () => {
  test('alone is enough: everything has a default', () => {
    const config = loadConfig({ env: {} });
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8787,
      dataDir: './data',
      databaseUrl: undefined,
      publicUrl: 'http://localhost:8787',
      mail: { smtpUrl: undefined, from: 'Sealgate <sealgate@localhost>' },
      startCredit: 10_000_000_000n,
      rateLimitRpm: 60,
      sealed: { isOn: true, requestsPerSecond: 2, burstRequests: 4 },
      tpm: { kind: 'auto' },
      isMemoryLockRequired: false,
      hasLocalModels: true,
      isDiscoveryOn: true,
      routing: { keepsFeatures: true, logDays: 90 },
      upstreams: [],
      warnings: [],
    });
  });

  test('is read in its own units', () => {
    const config = loadConfig({
      env: {
        SEALGATE_PORT: '0',
        SEALGATE_START_CREDIT_USD: '0.5',
        SEALGATE_SEALED: 'off',
        SEALGATE_TPM: 'tcp:127.0.0.1:2321',
        SEALGATE_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
        SEALGATE_CORS_ORIGINS: 'https://a.example,http://localhost:5173',
        SEALGATE_ROUTING_FEATURES: 'off',
        SEALGATE_ROUTING_LOG_DAYS: '7',
        SEALGATE_UPSTREAM_IDLE_TIMEOUT_MS: '5',
      },
    });
    expect(config).toMatchObject({
      port: 0,
      startCredit: 500_000_000n,
      sealed: { isOn: false },
      tpm: { kind: 'tcp', host: '127.0.0.1', port: 2321 },
      trustedProxies: ['10.0.0.0/8', '::1'],
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
      routing: { keepsFeatures: false, logDays: 7 },
      timeouts: { idleMs: 5 },
    });
  });

  test('may set a variable to nothing', () => {
    expect(loadConfig({ env: { SEALGATE_PORT: '', DATABASE_URL: '' } }).port).toBe(8787);
  });

  test('and the file have all their faults reported together', () => {
    expect(
      faultsOf('tiers: {}\nupstream: []\n', {
        SEALGATE_PORT: '70000',
        SEALGATE_SEALED: 'maybe',
        SEALGATE_START_CREDIT_USD: '-1',
        SEALGATE_TPM: 'chip',
        SEALGATE_TRUSTED_PROXIES: '10.0.0.0/33',
        SEALGATE_CORS_ORIGINS: 'a.example',
        SEALGATE_LOG_LEVEL: 'loud',
      }),
    ).toEqual([
      '- SEALGATE_PORT: must be a whole number from 0 to 65535; it is "70000"',
      '- SEALGATE_START_CREDIT_USD: must be an amount of dollars such as 10.00; it is "-1"',
      '- SEALGATE_SEALED: must be on or off; it is "maybe"',
      '- SEALGATE_TPM: must be auto, off, /dev/…, unix:/path or tcp:host:port; it is "chip"',
      '- SEALGATE_TRUSTED_PROXIES: "10.0.0.0/33" is neither an address nor a range such as 10.0.0.0/8; it is "10.0.0.0/33"',
      '- SEALGATE_CORS_ORIGINS: "a.example" is no origin such as https://app.example.com; it is "a.example"',
      expect.stringContaining('- SEALGATE_LOG_LEVEL: '),
      '2 upstream: is not a field here. Did you mean "upstreams"?',
    ]);
  });

  test('has its secrets in no message and no print of the configuration', () => {
    const secrets = {
      DATABASE_URL: 'mysql://u:canary1@h',
      SEALGATE_METRICS_TOKEN: 'canary2',
      SEALGATE_SMTP_URL: 'http://u:canary3@h',
    };
    expect(faultsOf('', secrets)).toHaveLength(3);
    expect(faultsOf('', secrets).join()).not.toContain('canary');
    const config = load(upstream('api_key: canary3'), {
      OPENAI_API_KEY: 'canary4',
      DATABASE_URL: 'postgres://u:canary5@h/d',
    });
    expect(inspect(config, { depth: 9 })).not.toContain('canary');
    expect(config.providerKeys.get('OPENAI_API_KEY')?.reveal()).toBe('canary4');
    expect(config.databaseUrl?.reveal()).toContain('canary5');
  });

  const MASTER_KEY = 'canary8'.repeat(5);

  test('gives the master key in one way, or none', () => {
    const sourceOf = (env: Record<string, string>) => loadConfig({ env }).masterKey;
    expect(sourceOf({ SEALGATE_DATA_DIR: '/data' })).toEqual({
      kind: 'data-folder',
      path: '/data/master.key',
    });
    const text = sourceOf({ SEALGATE_MASTER_KEY: MASTER_KEY });
    expect(inspect(text, { depth: 9 })).not.toContain('canary');
    expect(text.kind === 'text' && text.secret.reveal()).toBe(MASTER_KEY);
    expect(sourceOf({ SEALGATE_MASTER_KEY_FILE: '/run/secrets/key' })).toEqual({
      kind: 'file',
      name: 'SEALGATE_MASTER_KEY_FILE',
      path: '/run/secrets/key',
    });
    expect(sourceOf({ SEALGATE_MASTER_KEY_COMMAND: `kms decrypt 'my key'` })).toEqual({
      kind: 'command',
      name: 'SEALGATE_MASTER_KEY_COMMAND',
      argv: ['kms', 'decrypt', 'my key'],
    });
  });

  test('gives it in no two ways, and nothing of it away', () => {
    const env = {
      SEALGATE_MASTER_KEY: MASTER_KEY,
      SEALGATE_MASTER_KEY_FILE: '/run/secrets/key',
      SEALGATE_MASTER_KEY_COMMAND: `kms --token canary9 'open`,
    };
    const faults = faultsOf('', env);
    expect(faults).toEqual([
      '- SEALGATE_MASTER_KEY_COMMAND: must be a command and its arguments, with spaces between; quotes must end',
      '- SEALGATE_MASTER_KEY_FILE: cannot stand beside SEALGATE_MASTER_KEY: keep one of them',
      '- SEALGATE_MASTER_KEY_COMMAND: cannot stand beside SEALGATE_MASTER_KEY: keep one of them',
    ]);
    expect(faults.join()).not.toContain('canary');
  });

  const stripe = {
    STRIPE_SECRET_KEY: 'sk_test_canary6',
    STRIPE_WEBHOOK_SECRET: 'whsec_canary7canary7canary7',
  };

  test('takes payments with both of Stripe’s secrets, and prints neither', () => {
    const { payments, warnings } = loadConfig({
      env: { ...stripe, SEALGATE_STRIPE_API_URL: 'http://127.0.0.1:12111' },
    });
    expect(payments.stripe?.secretKey.reveal()).toBe(stripe.STRIPE_SECRET_KEY);
    expect(payments.stripe?.webhookSecret.reveal()).toBe(stripe.STRIPE_WEBHOOK_SECRET);
    expect(payments).toMatchObject({
      stripe: { apiUrl: 'http://127.0.0.1:12111' },
      leastNano: 5_000_000_000n,
      mostNano: 10_000_000_000_000n,
    });
    expect(inspect(payments, { depth: 9 })).not.toContain('canary');
    expect(warnings).toEqual([]);
    expect(loadConfig({ env: {} }).payments.stripe).toBeUndefined();
  });

  test.each([undefined, ''])(
    'refuses to start with Stripe’s key and %j for its webhook secret',
    (webhookSecret) => {
      const faults = faultsOf('', {
        STRIPE_SECRET_KEY: stripe.STRIPE_SECRET_KEY,
        ...(webhookSecret !== undefined && { STRIPE_WEBHOOK_SECRET: webhookSecret }),
      });
      expect(faults).toEqual([
        expect.stringMatching(
          /^- STRIPE_WEBHOOK_SECRET: is missing beside STRIPE_SECRET_KEY: add the endpoint .*webhook/,
        ),
      ]);
    },
  );

  test('knows what cannot be a secret, an amount or an address of payments', () => {
    const env = {
      STRIPE_SECRET_KEY: 'pk_canary',
      STRIPE_WEBHOOK_SECRET: 'whsec_   canary   canary',
      SEALGATE_STRIPE_API_URL: 'http://127.0.0.1:12111/v1',
      SEALGATE_TOP_UP_MIN_USD: '0.49',
      SEALGATE_TOP_UP_MAX_USD: '20.001',
      SEALGATE_OPERATOR_ADDRESS: 'a|b|c|d|e|f|g',
    };
    const faults = faultsOf('', env);
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(
      Object.keys(env).map((name) => `- ${name}`),
    );
    expect(faults.join()).not.toContain('canary');
    const bounds = { SEALGATE_TOP_UP_MIN_USD: '10.00', SEALGATE_TOP_UP_MAX_USD: '9.99' };
    expect(faultsOf('', bounds)).toEqual([
      '- SEALGATE_TOP_UP_MAX_USD: must not be less than SEALGATE_TOP_UP_MIN_USD',
    ]);
  });

  test('with a webhook secret that nothing is signed for starts with a warning', () => {
    const { warnings } = loadConfig({
      env: { STRIPE_WEBHOOK_SECRET: stripe.STRIPE_WEBHOOK_SECRET },
    });
    expect(warnings).toEqual([
      'STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY: payments are off.',
    ]);
  });

  test('with a misspelt variable starts with a warning', () => {
    const { warnings } = loadConfig({ env: { SEALGATE_PROT: '1', PATH: '/bin' } });
    expect(warnings).toEqual([
      'SEALGATE_PROT is not a variable of the gateway. Did you mean "SEALGATE_PORT"?',
    ]);
  });

  test('gives a configuration that nobody can change', () => {
    const config = load(upstream('models: []'));
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.sealed, { isOn: false })).toThrow(TypeError);
    expect(() => Object.assign(config.upstreams, { 0: undefined })).toThrow(TypeError);
  });
});

describe('the file', () => {
  test('becomes upstreams with the environment’s timeouts where it says nothing', () => {
    const config = load(
      upstream(
        [
          'kind: anthropic',
          'api_key_env: MY_KEY',
          'trust: private',
          'region: cn',
          'headers: { X-Team: a }',
          'timeouts: { idle_ms: 7 }',
          'models:',
          '  - { id: m, name: real/m, price: { input: 0.15, output: "0.60" }, context_length: 9, capabilities: [chat] }',
        ].join('\n'),
      ),
      { MY_KEY: 'k', SEALGATE_UPSTREAM_TOTAL_TIMEOUT_MS: '8' },
    );
    const [found] = config.upstreams;
    expect(found?.upstream).toMatchObject({
      id: 'mine',
      kind: 'anthropic',
      baseUrl: 'https://mine.example/v1',
      trust: 'private',
      region: 'cn',
      dataCollection: 'deny',
      headers: { 'x-team': 'a' },
      timeouts: { idleMs: 7, totalMs: 8 },
      allowPrivateAddress: true,
    });
    expect(keysOf(config)).toEqual([['MY_KEY', 1, 'k']]);
    expect(found?.models).toEqual([
      {
        id: 'm',
        name: 'real/m',
        price: {
          input: 150_000n,
          cachedInput: 150_000n,
          cacheWrite: 150_000n,
          output: 600_000n,
          reasoning: 600_000n,
          image: 0n,
        },
        contextLength: 9,
        maxOutputTokens: undefined,
        defaultMaxOutputTokens: undefined,
        capabilities: ['chat'],
      },
    ]);
  });

  test.each([
    ['0.000001', 1n],
    ['0.1', 100_000n],
    ['10', 10_000_000n],
    ['"3.00"', 3_000_000n],
    ['123456789.123456', 123_456_789_123_456n],
  ])('price %s is read digit by digit', (text, pico) => {
    const config = load(upstream(`models: [{ id: m, price: { input: ${text}, output: 1 } }]`));
    expect(config.upstreams[0]?.models?.[0]?.price?.input).toBe(pico);
  });

  test('prices of caching, reasoning and images are told apart, and an image is priced by the piece', () => {
    const prices =
      'input: 3, cached_input: 0.3, cache_write: 3.75, output: 15, reasoning: 9, image: 0.002';
    const config = load(upstream(`models: [{ id: m, price: { ${prices} } }]`));
    expect(config.upstreams[0]?.models?.[0]?.price).toEqual({
      input: 3_000_000n,
      cachedInput: 300_000n,
      cacheWrite: 3_750_000n,
      output: 15_000_000n,
      reasoning: 9_000_000n,
      image: 2_000_000_000n,
    });
  });

  test.each([
    ['https://api.openai.com/v1', '', 'max_completion_tokens'],
    ['https://eu.api.openai.com/v1', '', 'max_completion_tokens'],
    ['https://api.openai.com.example/v1', '', 'max_tokens'],
    ['https://a.example/v1', '', 'max_tokens'],
    [
      'https://a.example/v1',
      ', output_limit_field: max_completion_tokens',
      'max_completion_tokens',
    ],
  ])('%s%s is sent %s', (url, more, field) => {
    const text = `upstreams: [{ id: a, base_url: "${url}"${more} }]`;
    expect(load(text).upstreams[0]?.upstream.outputLimitField).toBe(field);
  });

  test.each(['1e-3', '0.0000001', '-1', '.inf', '0x10', 'free', 'true'])(
    'price %s is refused',
    (text) => {
      const [fault] = faultsOf(
        upstream(`models: [{ id: m, price: { input: ${text}, output: 1 } }]`),
      );
      expect(fault).toMatch(/^4 upstreams\[0\]\.models\[0\]\.price\.input: must be/);
    },
  );

  test.each([
    ['https://a.example/v1', 'public', false],
    ['https://10.0.0.1/v1', 'public', true],
    ['https://localhost/v1', 'public', true],
    ['http://gpu.internal:8000/v1', 'private', true],
  ])('%s with trust %s may reach private addresses: %s', (url, trust, isAllowed) => {
    const text = `upstreams: [{ id: a, base_url: "${url}", trust: ${trust} }]`;
    expect(load(text).upstreams[0]?.upstream.allowPrivateAddress).toBe(isAllowed);
  });

  test('may give an upstream several keys with weights', () => {
    const config = load(upstream('api_keys: [{ env: A, weight: 3 }, { env: B }]'), {
      A: 'canary-a',
      B: 'canary-b',
    });
    expect(keysOf(config)).toEqual([
      ['A', 3, 'canary-a'],
      ['B', 1, 'canary-b'],
    ]);
    expect(inspect(config, { depth: 9 })).not.toContain('canary');
  });

  test('says what to do about upstreams that fail; with nothing said there are defaults', () => {
    expect(load('').resilience).toEqual(DEFAULT_RESILIENCE);
    const config = load(
      `resilience: { breaker: { failures: 3 }, retries: { per_model: 0 }, hedge: on, hedge_samples: 7 }\n${upstream('hedge: off')}`,
    );
    expect(config.resilience).toEqual({
      ...DEFAULT_RESILIENCE,
      breaker: { ...DEFAULT_RESILIENCE.breaker, failures: 3 },
      retries: { ...DEFAULT_RESILIENCE.retries, perModel: 0 },
      hedging: { ...DEFAULT_RESILIENCE.hedging, isOn: true, samples: 7 },
    });
    expect(config.upstreams[0]?.upstream.isHedged).toBe(false);
  });

  test('says how answers are kept, and the environment whether', () => {
    expect(load('').cache).toEqual(DEFAULT_CACHE_SETTINGS);
    const config = load(
      `cache: { embedding_model: mine/bge, check_percent: 0, memory_mb: 1, organization_entries: 5, organization_mb: 2 }\n${upstream('')}`,
      { SEALGATE_CACHE: 'semantic' },
    );
    expect(config.cache).toEqual({
      mode: 'semantic',
      embeddingModel: 'mine/bge',
      checkPercent: 0,
      memoryBytes: 1_048_576,
      organization: { entries: 5, bytes: 2_097_152 },
    });
  });

  test('says what is charged, each list from a moment on and with what is built in where it says nothing', () => {
    const config = load(
      [
        'prices:',
        '  - effective_from: 2026-12-01T00:00:00+01:00',
        '    fast: { input: 0.55, output: 2.20, cached_input: "0.055" }',
        '    byok: { fee_usd: 0.000125 }',
        '  - { effective_from: "2027-01-01T00:00:00Z", passthrough_factor: 1.0375, cache_hit_share: 0.1 }',
      ].join('\n'),
    );
    expect(config.priceLists).toEqual([
      {
        effectiveFromMs: Date.UTC(2026, 10, 30, 23),
        id: undefined,
        list: {
          ...DEFAULT_PRICE_LIST,
          tiers: {
            ...DEFAULT_PRICE_LIST.tiers,
            fast: {
              ...DEFAULT_PRICE_LIST.tiers.fast,
              input: 550_000n,
              cachedInput: 55_000n,
              cacheWrite: 550_000n,
              output: 2_200_000n,
              reasoning: 2_200_000n,
            },
          },
          byok: { factor: { of: 0n, per: 1n }, feeNano: 125_000n },
        },
      },
      {
        effectiveFromMs: Date.UTC(2027, 0),
        id: undefined,
        list: {
          ...DEFAULT_PRICE_LIST,
          passthrough: { of: 10_375n, per: 10_000n },
          cacheShare: { of: 1n, per: 10n },
        },
      },
    ]);
    expect(load('').priceLists).toEqual([]);
  });

  test('says which plans there are, with discounts that are exact', () => {
    const config = load(
      [
        'plans:',
        '  - { id: team, name: Team, monthly_fee_usd: 20, discount_percent: { fast: 10, balanced: 12.5 } }',
        '  - { id: free-trial, name: Trial, monthly_fee_usd: "0.00" }',
      ].join('\n'),
    );
    expect(config.plans).toEqual([
      {
        id: 'team',
        name: 'Team',
        monthlyFeeNano: 20_000_000_000n,
        shares: { ...NO_DISCOUNT, fast: { of: 9n, per: 10n }, balanced: { of: 875n, per: 1_000n } },
      },
      { id: 'free-trial', name: 'Trial', monthlyFeeNano: 0n, shares: NO_DISCOUNT },
    ]);
    expect(load('').plans).toEqual([]);
  });

  test('and the environment may leave list prices to the catalogue that comes with the package, or name another', () => {
    expect(load('').priceCataloguePath).toBe(SHIPPED_CATALOGUE_PATH);
    expect(load('', { SEALGATE_PRICE_CATALOGUE: '/etc/prices.json' }).priceCataloguePath).toBe(
      '/etc/prices.json',
    );
  });

  test('without models is asked for its list later', () => {
    expect(load(upstream('')).upstreams[0]?.models).toBeUndefined();
  });

  test('may be empty', () => {
    expect(load('').upstreams).toEqual([]);
    expect(load('# nothing\n').tiers).toEqual({});
  });

  test.each([
    ['upstreams: {}', '1 upstreams: must be of type array'],
    ['upstreams: [{ id: a }]', '1 upstreams[0].base_url: is missing'],
    ['- a', '1 : must be of type object'],
    ['a: &x [*x]', expect.stringMatching(/^1 /)],
    ['upstreams:\n  - id: a\n  base_url: x', expect.stringMatching(/^3 : /)],
    [upstream('knd: openai'), '4 upstreams[0].knd: is not a field here. Did you mean "kind"?'],
    [
      upstream('kind: opanai'),
      '4 upstreams[0].kind: must be one of openai, anthropic. Did you mean "openai"?',
    ],
    [
      upstream('timeouts:\n  idle_ms: 0'),
      expect.stringMatching(/^5 upstreams\[0\]\.timeouts\.idle_ms: /),
    ],
    [upstream('headers: { "a b": c }'), '4 upstreams[0].headers.a b: is no header name'],
    [
      upstream('headers: { a: "b\\r\\nc: d" }'),
      '4 upstreams[0].headers.a: must be printable ASCII',
    ],
    [
      upstream('api_key: a\napi_key_env: B'),
      '4 upstreams[0].api_key: cannot stand beside api_key_env: keep one of them',
    ],
    [
      upstream('api_key_env: A\napi_keys: [{ env: B }]'),
      '4 upstreams[0].api_key_env: cannot stand beside api_keys: keep one of them',
    ],
    [
      upstream('api_keys:\n  - { env: PATH }\n  - { env: NOWHERE, weight: 2 }'),
      '6 upstreams[0].api_keys[1].env: the environment has no NOWHERE: set it, or remove this field',
    ],
    [
      upstream('api_keys:\n  - { env: PATH }\n  - { env: PATH }'),
      '6 upstreams[0].api_keys[1].env: is the variable of a key above: give that one more weight',
    ],
    [
      upstream('api_keys: [{ env: A, weight: 0 }]'),
      expect.stringMatching(/^4 upstreams\[0\]\.api_keys\[0\]\.weight: /),
    ],
    [
      upstream('api_keys: [{ env: A, wieght: 2 }]'),
      '4 upstreams[0].api_keys[0].wieght: is not a field here. Did you mean "weight"?',
    ],
    [upstream('api_keys: []'), expect.stringMatching(/^4 upstreams\[0\]\.api_keys: /)],
    [upstream('hedge: maybe'), '4 upstreams[0].hedge: must be one of on, off.'],
    [
      'resilience:\n  breaker: { failures: 0 }',
      expect.stringMatching(/^2 resilience\.breaker\.failures: /),
    ],
    ['resilience: { hegde: on }', '1 resilience.hegde: is not a field here. Did you mean "hedge"?'],
    [
      upstream('api_key_env: NOWHERE'),
      '4 upstreams[0].api_key_env: the environment has no NOWHERE: set it, or remove this field',
    ],
    [
      upstream('models: [{ id: a b }]'),
      '4 upstreams[0].models[0].id: must be 1 to 200 characters without spaces',
    ],
    [
      upstream('models:\n  - id: a\n  - id: a'),
      '6 upstreams[0].models[1].id: is the id of a model above',
    ],
    [
      `${upstream('')}  - { id: mine, base_url: "https://b/v1" }`,
      '5 upstreams[1].id: is the id of an upstream above',
    ],
    [
      'upstreams: [{ id: local, base_url: "https://b/v1" }]',
      '1 upstreams[0].id: is a name that Sealgate uses itself',
    ],
    [
      'upstreams: [{ id: a, base_url: "https://u:p@b/v1" }]',
      expect.stringContaining('must be an http(s) URL without user'),
    ],
    [
      'upstreams: [{ id: a, base_url: "http://b/v1" }]',
      '1 upstreams[0].base_url: must be https for trust "public": keys and prompts would travel in the clear',
    ],
    [
      `${upstream('models: [{ id: small }]')}tiers:\n  fast: [mine/smal]`,
      '6 tiers.fast[0]: "mine/smal" is no model of an upstream here. Did you mean "mine/small"?',
    ],
    ['prices:\n  - fast: { input: 1, output: 2 }', '2 prices[0].effective_from: is missing'],
    [
      'prices:\n  - effective_from: 2026-12-01',
      '2 prices[0].effective_from: must be a moment with its offset from UTC, such as 2026-12-01T00:00:00Z',
    ],
    [
      'prices:\n  - effective_from: 2026-12-01T00:00:00Z\n  - effective_from: 2026-12-01T01:00:00+01:00',
      '3 prices[1].effective_from: is the moment of a list above: of two, one would never count',
    ],
    [
      'prices:\n  - effective_from: 2026-12-01T00:00:00Z\n    passthrough_factor: 1,05',
      '3 prices[0].passthrough_factor: must be a factor from 0 to 100 with at most six decimals, such as 0.25',
    ],
    [
      'prices:\n  - effective_from: 2026-12-01T00:00:00Z\n    cache_hit_share: 1.01',
      '3 prices[0].cache_hit_share: must be a factor from 0 to 1 with at most six decimals, such as 0.25',
    ],
    [
      'prices:\n  - effective_from: 2026-12-01T00:00:00Z\n    fast: { input: 1 }',
      '3 prices[0].fast.output: is missing',
    ],
    [
      'prices:\n  - effective_from: 2026-12-01T00:00:00Z\n    pasthrough_factor: 1',
      '3 prices[0].pasthrough_factor: is not a field here. Did you mean "passthrough_factor"?',
    ],
    [
      'plans:\n  - { id: pay-as-you-go, name: Mine, monthly_fee_usd: 1 }',
      '2 plans[0].id: is the plan that is always there, without a fee and without discounts',
    ],
    [
      'plans:\n  - { id: a, name: A, monthly_fee_usd: 1 }\n  - { id: a, name: B, monthly_fee_usd: 2 }',
      '3 plans[1].id: is the id of a plan above',
    ],
    [
      'plans:\n  - { id: a, name: A, monthly_fee_usd: -1 }',
      '2 plans[0].monthly_fee_usd: must be dollars below a million with at most nine decimals, such as 0.0001',
    ],
    [
      'plans:\n  - id: a\n    name: A\n    monthly_fee_usd: 1\n    discount_percent: { fast: 100 }',
      '5 plans[0].discount_percent.fast: must be per cent from 0 to below 100 with at most four decimals, such as 12.5',
    ],
    [
      `${upstream('models: [{ id: small }]')}cache: { embedding_model: mine/smal }`,
      '5 cache.embedding_model: "mine/smal" is no model of an upstream here. Did you mean "mine/small"?',
    ],
    [
      'cache: { embedding_model: small }',
      '1 cache.embedding_model: must be a model as upstream/model',
    ],
    [
      'tiers: { fast: [nowhere/x] }',
      '1 tiers.fast[0]: "nowhere/x" is no model of an upstream here.',
    ],
  ])('is refused with its line: %s', (text, fault) => {
    expect(faultsOf(text, { PATH: '/bin' })).toEqual([fault]);
  });

  test('may name models in tiers that only discovery can know', () => {
    const text = `${upstream('')}tiers: { fast: [mine/any, ollama/llama3, openai/gpt, local/small] }`;
    expect(faultsOf(text)).toEqual([]);
  });

  test('is checked without the environment, so that a key elsewhere is no fault', () => {
    expect(checkConfig(upstream('api_key_env: NOWHERE'))).toEqual([]);
    expect(checkConfig('upstreams: 1')).toHaveLength(1);
  });
});

describe('reading from disk', () => {
  test('goes on without the default file and stops without a named one', async () => {
    expect((await readConfig({})).port).toBe(8787);
    await expect(readConfig({ SEALGATE_CONFIG: '/nowhere/my.yaml' })).rejects.toThrow(
      'SEALGATE_CONFIG: /nowhere/my.yaml cannot be read',
    );
  });

  test('names file, line and field in the text for the terminal', () => {
    expect(() => loadConfig({ env: {}, yamlText: '\ntier: 1', yamlPath: '/etc/my.yaml' })).toThrow(
      'The configuration is wrong:\n  my.yaml:2 tier: is not a field here. Did you mean "tiers"?',
    );
  });
});

describe('what is written down elsewhere is current (npm run config-reference)', () => {
  test('the JSON schema of the price catalogue', () => {
    expect(JSON.parse(textOf('apps/gateway/price-catalogue.schema.json'))).toEqual(
      JSON.parse(JSON.stringify(priceCatalogueJsonSchema())),
    );
  });

  test('the JSON schema for editors', () => {
    expect(JSON.parse(textOf('apps/gateway/sealgate.schema.json'))).toEqual(
      JSON.parse(JSON.stringify(sealgateFileJsonSchema())),
    );
  });

  test('the table of variables in docs/operations.md', () => {
    const rows = textOf('docs/operations.md')
      .split('\n')
      .filter((line) => /^\| `[A-Z_]+`/.test(line))
      .map((line) =>
        line
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim()),
      );
    expect(rows).toEqual(
      describeVariables().map(({ name, byDefault, sentence }) => [
        `\`${name}\``,
        byDefault === undefined ? '' : `\`${byDefault}\``,
        sentence,
      ]),
    );
  });

  test('the example file', () => {
    expect(checkConfig(textOf('sealgate.example.yaml'))).toEqual([]);
  });
});
