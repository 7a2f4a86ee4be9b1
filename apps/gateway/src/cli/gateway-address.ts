import type { Command } from 'commander';
import { CommandProblem } from './command-problem.ts';

export interface AddressOptions {
  readonly url?: string;
  readonly key?: string;
}

/** Which gateway a command talks to, and as whom. */
export interface GatewayAddress {
  readonly url: string;
  readonly key: string;
}

const DEFAULT_PORT = '8787';

export function addAddressOptions(command: Command): Command {
  return command
    .option('--url <url>', 'the gateway (default: the one on this machine)')
    .option('--key <key>', 'an API key (default: SEALGATE_API_KEY from the environment)');
}

export function findGateway(options: AddressOptions, env: NodeJS.ProcessEnv): GatewayAddress {
  const key = options.key ?? env['SEALGATE_API_KEY'];
  if (key === undefined || key === '') {
    throw new CommandProblem(
      'An API key is needed: give --key, or set SEALGATE_API_KEY. The first start prints one; "sealgate keys create" makes another.',
    );
  }
  const url = options.url ?? `http://127.0.0.1:${env['SEALGATE_PORT'] ?? DEFAULT_PORT}`;
  if (!URL.canParse(url)) throw new CommandProblem(`"${url}" is not a URL.`);
  return { url: url.replace(/\/+(?:v1\/*)?$/, ''), key };
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Does what is sent there stay on this machine? */
export function isLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}
