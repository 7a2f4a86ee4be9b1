import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFrom, type Random } from '../routing/random.ts';
import { startRacer, typeCommand, type RacingGateway, type Variables } from './gateway.ts';
import { startPostgres, type SharedPostgres } from './postgres.ts';
import { PRICE } from './race.ts';
import { MODELS, startUpstream } from './upstream.ts';

/** Several gateways on one PostgreSQL, and a model host. */
export interface Setting {
  readonly gateways: readonly RacingGateway[];
  readonly database: SharedPostgres;
  readonly env: Variables;
  readonly random: Random;
  stop(): Promise<void>;
}

export async function openSetting(gatewayCount: number, seed: number): Promise<Setting> {
  const endings: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of endings.splice(0).toReversed()) await end();
  };
  try {
    const random = randomFrom(seed);
    const folder = await mkdtemp(join(tmpdir(), 'sealgate-race-'));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    const database = await startPostgres();
    endings.push(() => database.stop());
    const upstream = await startUpstream(random);
    endings.push(() => upstream.close());
    const config = join(folder, 'sealgate.yaml');
    await writeFile(config, JSON.stringify(configFor(upstream.url)));
    const env = { ...SETTINGS, DATABASE_URL: database.url, SEALGATE_CONFIG: config };
    const gateways: RacingGateway[] = [];
    for (let count = 0; count < gatewayCount; count += 1) {
      const gateway = await startRacer(env);
      endings.push(() => gateway.stop());
      gateways.push(gateway);
    }
    await typeCommand(env, 'wallet', 'credit', '--amount', '1000000', '--reason', 'race');
    return { gateways, database, env, random, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const SETTINGS = {
  SEALGATE_MASTER_KEY: 'the race shares one master key, which is no secret',
  SEALGATE_LOCAL_MODELS: 'off',
  SEALGATE_DISCOVER: 'off',
  SEALGATE_SEALED: 'off',
  SEALGATE_TPM: 'off',
  SEALGATE_RATE_LIMIT_RPM: '1000000',
  SEALGATE_LOG_LEVEL: 'error',
} as const;

const configFor = (baseUrl: string): object => ({
  upstreams: [
    {
      id: 'race',
      base_url: baseUrl,
      trust: 'local',
      models: MODELS.map((id) => ({ id, price: PRICE, capabilities: ['chat'] })),
    },
  ],
});
