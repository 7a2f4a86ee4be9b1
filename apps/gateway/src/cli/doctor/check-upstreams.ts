import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalModelsUnavailable, startLocalModels } from '@sealgate/local-models';
import type { Config } from '../../config.ts';
import { readPriceCatalogue } from '../../config/read-price-catalogue.ts';
import {
  createPriceBook,
  createProviders,
  createTransport,
  openCatalogue,
  type Transport,
  type Upstream,
  type UpstreamKey,
  withKey,
} from '../../inference/upstreams/index.ts';
import { systemClock } from '../../platform/clock.ts';
import { checkTierPrices } from './check-tier-prices.ts';
import { good, note, problem, type Finding } from './finding.ts';

const PATIENCE_MS = 5_000;
const BUNDLED = 'bundled models';

/** Whether the models can be reached, and who sees what is sent to them. */
export async function checkUpstreams(config: Config): Promise<readonly Finding[]> {
  const prices = createPriceBook((await readPriceCatalogue(config.priceCataloguePath)).file);
  const services = { transport: createTransport(), providers: createProviders(systemClock) };
  try {
    const catalogue = await openCatalogue(services, {
      configured: config.upstreams,
      tiers: config.tiers,
      timeouts: config.timeouts,
      discovery: config.isDiscoveryOn
        ? { keys: config.providerKeys, ownPort: config.port }
        : undefined,
      prices: () => prices,
      clock: systemClock,
      ownKeys: 'off',
    });
    const current = catalogue.current();
    const upstreams = [...current.upstreams.values()];
    const findings = upstreams.map(async (upstream) => {
      const keys = upstream.keys?.length ? upstream.keys : [undefined];
      const answers = keys.map(async (key) => ({
        key,
        status: await probe(upstream, key, services),
      }));
      return describe(upstream, await Promise.all(answers));
    });
    return [
      await checkBundledModels(config),
      ...(await Promise.all(findings)),
      ...checkTierPrices(config, current, systemClock()),
    ];
  } finally {
    await services.transport.close();
  }
}

async function checkBundledModels({ hasLocalModels }: Config): Promise<Finding> {
  if (!hasLocalModels)
    return note(BUNDLED, 'They are switched off.', 'Set SEALGATE_LOCAL_MODELS=on.');
  const folder = await mkdtemp(join(tmpdir(), 'sealgate-doctor-'));
  try {
    const local = await startLocalModels({ socketPath: join(folder, 'models.sock') });
    await local.stop();
    return good(BUNDLED, `${local.models.map(({ id }) => `local/${id}`).join(', ')} run here.`);
  } catch (error) {
    if (!(error instanceof LocalModelsUnavailable)) throw error;
    return problem(
      BUNDLED,
      `They do not run here: ${error.message}`,
      'Set SEALGATE_LOCAL_MODELS=off, or use a system that llama.cpp has a build for.',
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The status with which an upstream answers the question for its models; `undefined`: it does not answer. */
function probe(
  upstream: Upstream,
  key: UpstreamKey | undefined,
  { transport, providers }: { transport: Transport; providers: ReturnType<typeof createProviders> },
): Promise<number | undefined> {
  const timeouts = {
    connectMs: PATIENCE_MS,
    firstByteMs: PATIENCE_MS,
    idleMs: PATIENCE_MS,
    totalMs: PATIENCE_MS,
  };
  return new Promise((resolve) => {
    const provider = providers[upstream.kind];
    const request = withKey(provider.models(upstream), provider, key);
    const exchange = transport.send({ ...upstream, timeouts }, request, {
      onHead(status) {
        resolve(status);
        exchange.abort();
      },
      onData: () => true,
      onEnd: () => undefined,
      onFailure: () => resolve(undefined),
    });
  });
}

const VIEWERS = {
  local: 'runs on this machine',
  private: 'is declared private',
  public: 'sees what is sent to it',
} as const;

interface Answer {
  readonly key: UpstreamKey | undefined;
  readonly status: number | undefined;
}

function describe({ id, baseUrl, trust }: Upstream, answers: readonly Answer[]): Finding {
  const name = `upstream ${id}`;
  if (answers.every(({ status }) => status === undefined)) {
    return problem(
      name,
      `${baseUrl} does not answer.`,
      'Check the address, the network, and whether the server runs.',
    );
  }
  const refused = answers.filter(({ status }) => status === 401 || status === 403);
  if (refused.length > 0) {
    const keys = refused.map(
      ({ key, status }) => `${key?.name ?? 'a request without one'} (${status})`,
    );
    return problem(
      name,
      `${baseUrl} refuses the key ${keys.join(', ')}.`,
      refused.length < answers.length
        ? 'The others serve. Check the key where it is set.'
        : 'Check the key where it is set.',
    );
  }
  return good(name, `It answers, and ${VIEWERS[trust]}.`);
}
