import { mkdtemp, chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';
import { stopServer } from '../apps/gateway/src/platform/db/embedded/server.ts';
import type { FakeUpstream } from './fakes/upstream.ts';
import { runSealgate, type Environment, type Running } from './process.ts';

export interface GatewayOptions {
  readonly env?: Environment;
  /** Content of `sealgate.yaml`; see `yamlFor`. */
  readonly yaml?: string;
  /** Of a database that another gateway has set up: the first start prints none then. */
  readonly key?: string;
}

/** A real gateway process on data of its own. Whatever a test leaves running is ended after its file. */
export interface Gateway {
  /** Where it listens; another port after every restart. */
  url(): string;
  /** The key that the first start has printed. */
  readonly key: string;
  readonly dataDir: string;
  readonly env: Environment;
  /** Everything that the current process has printed. */
  log(): string;
  running(): Running;
  /** SIGTERM. Throws when it does not end with 0. */
  stop(): Promise<void>;
  /** SIGKILL, as the kernel does it. */
  kill(): Promise<void>;
  /** Stops what runs, and starts again on the same data. */
  restart(options?: GatewayOptions): Promise<void>;
}

const QUIET: Environment = {
  SEALGATE_PORT: '0',
  SEALGATE_DISCOVER: 'off',
  SEALGATE_LOCAL_MODELS: 'off',
  SEALGATE_TPM: 'off',
  SEALGATE_RATE_LIMIT_RPM: '1000000',
  SEALGATE_START_CREDIT_USD: '1000000.00',
  SEALGATE_SIGNUP_CREDIT_USD: '1000000.00',
  SEALGATE_SEALED_RATE_PER_SECOND: '100000',
  SEALGATE_SEALED_BURST: '100000',
};

// Starts and RSA keys take seconds, on a machine that is busy with other tests many seconds.
vi.setConfig({ testTimeout: 120_000 });

const endings: (() => Promise<void>)[] = [];

afterAll(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const directory = await temporaryDirectory();
  const dataDir = join(directory, 'data');
  const yamlPath = join(directory, 'sealgate.yaml');
  const env = {
    ...QUIET,
    SEALGATE_DATA_DIR: dataDir,
    SEALGATE_CONFIG: yamlPath,
    ...options.env,
  };
  let current: Started | undefined;
  const start = async (changes: GatewayOptions): Promise<Started> => {
    if (changes.yaml !== undefined) await writeFile(yamlPath, changes.yaml);
    const running = runSealgate(['start'], { ...env, ...changes.env });
    endings.push(() => end(running));
    current = { running, url: await printedUrl(running) };
    return current;
  };
  const mustRun = (): Started => {
    if (current === undefined) throw new Error('the gateway is not running');
    return current;
  };
  endings.push(() => stopServer(dataDir));
  const first = await start({ yaml: options.yaml ?? '' });
  const stop = async (): Promise<void> => {
    const { running } = mustRun();
    running.child.kill('SIGTERM');
    const code = await running.ended;
    current = undefined;
    if (code !== 0) throw new Error(`the gateway ended with ${code}:\n${running.log()}`);
  };
  return {
    url: () => mustRun().url,
    key: options.key ?? printedKey(first.running),
    dataDir,
    env,
    log: () => mustRun().running.log(),
    running: () => mustRun().running,
    stop,
    kill: async () => {
      const { running } = mustRun();
      running.child.kill('SIGKILL');
      await running.ended;
      current = undefined;
    },
    restart: async (changes = {}) => {
      if (current !== undefined) await stop();
      await start(changes);
    },
  };
}

export interface YamlOptions {
  /** `public` would need https. */
  readonly trust?: 'private' | 'local';
  /** The upstream's id; its models are `<id>/model-a` and `<id>/embed-a`. */
  readonly id?: string;
}

/** A `sealgate.yaml` with one scripted upstream that is said to be able to do everything. */
export function yamlFor(upstream: Pick<FakeUpstream, 'url'>, options: YamlOptions = {}): string {
  return `
upstreams:
  - id: ${options.id ?? 'fake'}
    base_url: ${upstream.url}
    api_key: upstream-key
    trust: ${options.trust ?? 'local'}
    models:
      - id: model-a
        price: { input: 1, output: 2 }
        capabilities: [chat, tools, vision, structured-output]
      - id: embed-a
        price: { input: 1, output: 0 }
        capabilities: [embeddings]
`;
}

/** A folder under /tmp that PostgreSQL's own account may pass, removed after the test file. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp('/tmp/sealgate-e2e-');
  await chmod(directory, 0o711);
  endings.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

interface Started {
  readonly running: Running;
  readonly url: string;
}

async function printedUrl({ child, stdout, log, ended }: Running): Promise<string> {
  const printed = new Promise<string>((resolve) => {
    child.stdout?.on('data', () => {
      const url = /ready at (\S+)[^]*Ctrl-C stops the gateway/.exec(stdout())?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const failed = ended.then((code) => {
    throw new Error(`the gateway did not start, but ended with ${code}:\n${log()}`);
  });
  return Promise.race([printed, failed]);
}

function printedKey({ stdout }: Running): string {
  const key = /sk-xc-\w+/.exec(stdout())?.[0];
  if (key === undefined) throw new Error(`no key was printed:\n${stdout()}`);
  return key;
}

async function end({ child, ended }: Running): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}
