import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stopChild } from './child.ts';
import { answering, freePort } from './listening.ts';
import { usageOf } from './process-usage.ts';
import type { Target } from './target.ts';

const FOLDER = fileURLToPath(new URL('../peers/', import.meta.url));
const ENTRY = `${FOLDER}node_modules/@portkey-ai/gateway/build/start-server.js`;

/** The Portkey gateway from npm, installed on first use. Undefined when it cannot be had. */
export async function startPeer(upstreamPort: number): Promise<Target | undefined> {
  if (!install()) return undefined;
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--import', './loopback-only.mjs', ENTRY, `--port=${port}`, '--headless'],
    { cwd: FOLDER, stdio: 'ignore', env: { NODE_ENV: 'production' } },
  );
  await answering(port, '/');
  const { pid = 0 } = child;
  return {
    name: 'portkey',
    port,
    model: 'bench',
    headers: {
      authorization: 'Bearer bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    },
    usage: () => usageOf(pid),
    stop: () => stopChild(child),
  };
}

function install(): boolean {
  if (existsSync(ENTRY)) return true;
  try {
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: FOLDER, stdio: 'inherit' });
    return true;
  } catch {
    return false;
  }
}
