import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stopChild } from './child.ts';
import { answering, freePort } from './listening.ts';
import { usageOf } from './process-usage.ts';
import type { Target } from './target.ts';

const COMMAND = fileURLToPath(new URL('../../apps/gateway/bin/sealgate.mjs', import.meta.url));
/** As many as a key can have, more than one gateway answers: the counters work and never refuse. */
const ENDLESS_RPM = '999999';
/** Never reached, and looked at like any other. */
const HIGH_CAP_USD = '100000';

export interface StartedSealgate extends Target {
  readonly dataDir: string;
}

/** The build that users run, on an empty data directory of its own; the mock is the only upstream. */
export async function startSealgate(upstreamPort: number): Promise<StartedSealgate> {
  const folder = mkdtempSync(join(tmpdir(), 'sealgate-bench-'));
  const { port, key, dataDir, pid, stop } = await start(folder, settings(folder, upstreamPort));
  const gatewayPid = childOf(pid);
  return {
    name: 'sealgate',
    dataDir,
    port,
    model: 'bench/bench',
    headers: { authorization: `Bearer ${key}` },
    usage: () => usageOf(gatewayPid),
    stop,
  };
}

/** The same gateway with a model that costs nothing: no hold, no charge, no alert. */
export const uncounted = (sealgate: Target): Target => ({
  ...sealgate,
  name: 'uncounted',
  model: 'bench/free',
  stop: async () => {},
});

export interface BundledSealgate {
  readonly port: number;
  readonly key: string;
  stop(): Promise<void>;
}

/** The same with nothing but the bundled models. */
export async function startBundled(): Promise<BundledSealgate> {
  const folder = mkdtempSync(join(tmpdir(), 'sealgate-bench-'));
  return start(folder, { SEALGATE_DISCOVER: 'off', SEALGATE_SEALED: 'off' });
}

type Variables = Readonly<Record<string, string>>;

async function start(folder: string, changes: Variables) {
  const port = await freePort();
  const dataDir = join(folder, 'data');
  const env = {
    ...process.env,
    SEALGATE_PORT: String(port),
    SEALGATE_DATA_DIR: dataDir,
    ...changes,
  };
  // The log lines are written, as for users, but nobody's time is spent on reading them.
  const child = spawn(process.execPath, [COMMAND, 'start'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await answering(port, '/readyz');
  const created = await promisify(execFile)(
    process.execPath,
    [COMMAND, 'keys', 'create', 'bench', '--rpm', ENDLESS_RPM, '--cap', HIGH_CAP_USD],
    { cwd: folder, env },
  );
  return {
    port,
    dataDir,
    key: created.stdout.trim(),
    pid: child.pid ?? 0,
    stop: async () => {
      await stopChild(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What differs from an installation without settings: no limit is reached. */
function settings(folder: string, upstreamPort: number): Variables {
  const config = join(folder, 'sealgate.yaml');
  const upstream = {
    id: 'bench',
    kind: 'openai',
    base_url: `http://127.0.0.1:${upstreamPort}/v1`,
    trust: 'local',
    models: [
      { id: 'bench', price: { input: '0.15', output: '0.60' } },
      { id: 'free', price: { input: '0', output: '0' } },
    ],
  };
  writeFileSync(config, JSON.stringify({ upstreams: [upstream] }));
  return {
    SEALGATE_CONFIG: config,
    SEALGATE_LOCAL_MODELS: 'off',
    SEALGATE_DISCOVER: 'off',
    SEALGATE_TPM: 'off',
    SEALGATE_START_CREDIT_USD: '1000000.00',
    SEALGATE_UPSTREAM_CONNECTIONS: '1024',
    SEALGATE_SEALED_RATE_PER_SECOND: '100000',
    SEALGATE_SEALED_BURST: '100000',
  };
}

/** The command starts the gateway in a process with a secure heap; that one is to be measured. */
function childOf(pid: number): number {
  try {
    return Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), 10);
  } catch {
    return pid;
  }
}
