import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENDPOINTS, type Endpoint } from '@sealgate/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCertificate } from './fakes/certificate.ts';
import { startFakeStripe, STRIPE_SECRETS, type FakeStripe } from './fakes/stripe.ts';
import { startFakeUpstream, type FakeUpstream } from './fakes/upstream.ts';
import { startGateway, temporaryDirectory, yamlFor, type Gateway } from './harness.ts';
import { typeCommand } from './hostile/operator.ts';
import { signIn, signUp } from './people.ts';
import { CHECKOUT, runProgram } from './process.ts';

const SCHEMATHESIS = join(CHECKOUT, '.tools/venv/bin/schemathesis');
/** `npm test` prepares it, and in CI refuses to go on without. */
const hasSchemathesis = existsSync(SCHEMATHESIS) || process.env['CI'] === 'true';

/** Some requests are right and some are wrong; nothing fails. */
const WELL = { report: '', kinds: new Set(['2xx', '4xx']) };

const ADA = 'ada@example.com';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'allow_header_conformance',
];
/** What would take away what the other operations are tried on. */
const ENDINGS = new Set([
  'deleteOrganization',
  'deleteConversation',
  'revokeKey',
  'revokeInvitation',
  'deleteProviderKey',
]);
/** They would call whatever host was made up. */
const CALLS_OUT = ['testAlertWebhook', 'testAlerts'];

describe.runIf(hasSchemathesis)('requests that Schemathesis makes up from /openapi.json', () => {
  let upstream: FakeUpstream;
  /** That organizations may bring keys for; the contract's examples name it. */
  let openai: FakeUpstream;
  let stripe: FakeStripe;
  let gateway: Gateway;
  /** Things that exist, by the parameter that names them. */
  let known: Readonly<Record<string, string>>;
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    stripe = await startFakeStripe();
    const certificate = createCertificate();
    openai = await startFakeUpstream(certificate);
    const certificatePath = join(await temporaryDirectory(), 'ca.pem');
    await writeFile(certificatePath, certificate.cert);
    gateway = await startGateway({
      yaml: `${yamlFor(upstream)}  - { id: openai, base_url: "${openai.url}", api_key: k, models: [] }\n`,
      env: {
        NODE_EXTRA_CA_CERTS: certificatePath,
        SEALGATE_OWN_KEYS: 'upstreams',
        SEALGATE_TRUSTED_PROXIES: '127.0.0.1',
        STRIPE_SECRET_KEY: STRIPE_SECRETS.secretKey,
        STRIPE_WEBHOOK_SECRET: STRIPE_SECRETS.webhookSecret,
        SEALGATE_STRIPE_API_URL: stripe.url,
      },
    });
    known = await createOneOfEach();
  });
  afterAll(async () => {
    await upstream.close();
    await openai.close();
    await stripe.close();
  });

  async function createOneOfEach(): Promise<Readonly<Record<string, string>>> {
    const { client: person } = await signUp(gateway, ADA);
    const { user_id } = await person.auth.me();
    const { org_id } = (await person.organizations.create('Fuzz')).organization;
    const client = person.withOptions({ organization: org_id });
    const credit = ['credit', '--organization', org_id, '--amount', '1000000', '--reason', 'fuzz'];
    await typeCommand(gateway, 'wallet', ...credit);
    const { key, full_key: apiKey } = await client.keys.create({ name: 'fuzz' });
    const { conversation_id } = await client.conversations.create();
    const invitation = await client.organizations.inviteMember(org_id, {
      email: 'eve@example.com',
      role: 'developer',
    });
    const providerKey = await client.billing.createProviderKey({
      provider: 'openai',
      key: 'a provider key'.replaceAll(' ', '-').padEnd(32, '0'),
    });
    const answer = await client.withOptions({ apiKey }).chat.completions.create({
      model: 'fake/model-a',
      messages: [{ role: 'user', content: 'Hello?' }],
    });
    return {
      'header.X-Organization-ID': org_id,
      'path.organization_id': org_id,
      'path.user_id': user_id,
      'path.key_id': key.key_id,
      'path.provider_key_id': providerKey.provider_key_id,
      'path.conversation_id': conversation_id,
      'path.invitation_id': invitation.invitation_id,
      'path.generation_id': answer.nexevo?.generation_id ?? '',
      'body.generation_id': answer.nexevo?.generation_id ?? '',
    };
  }

  let runs = 0;

  /** The report, unless there is nothing to report, and which kinds of answers there were. */
  async function fuzz(
    credential: string,
    selection: readonly string[],
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly report: string; readonly kinds: ReadonlySet<string> }> {
    const start = gateway.log().length;
    const directory = await temporaryDirectory();
    const lines = Object.entries(parameters).map(([name, value]) => `"${name}" = "${value}"`);
    const config = join(directory, 'schemathesis.toml');
    await writeFile(config, `[parameters]\n${lines.join('\n')}\n`);
    // Each run comes from an address of its own: guesses are counted by address.
    const address = `203.0.113.${(runs += 1)}`;
    const { ended, log } = runProgram(
      SCHEMATHESIS,
      [
        `--config-file=${config}`,
        'run',
        `${gateway.url()}/openapi.json`,
        ...selection,
        `--header=Authorization: Bearer ${credential}`,
        `--header=X-Forwarded-For: ${address}`,
        '--generation-with-security-parameters=false',
        `--checks=${CHECKS.join(',')}`,
        '--phases=examples,coverage,fuzzing',
        '--max-examples=5',
        '--generation-deterministic',
        '--suppress-health-check=filter_too_much,too_slow',
        '--continue-on-failure',
        '--no-color',
        '--warnings=off',
      ],
      { COLUMNS: '120' },
      directory,
    );
    const report = (await ended) === 0 ? '' : log();
    const statuses = [
      ...gateway
        .log()
        .slice(start)
        .matchAll(/"status":(\d)/g),
    ];
    return { report, kinds: new Set(statuses.map(([, kind]) => `${kind}xx`)) };
  }

  test('by a key are answered as the contract says, and never by a 5xx', async () => {
    const selection = CALLS_OUT.map((name) => `--exclude-operation-id=${name}`);
    expect(await fuzz(gateway.key, selection)).toEqual(WELL);
  }, 300_000);

  // One session for each: it may send 600 requests a minute.
  test.each([
    'conversations',
    'keys',
    'organizations',
    'feedback',
    'generations',
    'billing',
    'accounts',
  ])(
    'by a person about things that exist, too: %s',
    async (chapter) => {
      const { accessToken } = await signIn(gateway, ADA);
      const rows: readonly (readonly [string, Endpoint])[] = Object.entries(ENDPOINTS);
      const selection = rows
        .filter(
          ([name, { tag }]) => tag === chapter && !CALLS_OUT.includes(name) && !ENDINGS.has(name),
        )
        .map(([name]) => `--include-operation-id=${name}`);
      expect(await fuzz(accessToken, selection, known)).toEqual(WELL);
    },
    300_000,
  );
});
