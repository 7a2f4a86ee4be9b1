import { APIConnectionError, SealgateError } from '@sealgate/sdk';
import { ConfigProblem } from '../config.ts';
import { StartProblem } from '../main.ts';
import { DatabaseProblem } from '../platform/db/index.ts';
import { MasterKeyProblem } from '../platform/master-key/index.ts';
import { Refusal } from '../platform/refusal.ts';
import { CommandProblem } from './command-problem.ts';
import { findPortHolder } from './start/port-holder.ts';

/** These say themselves what is wrong and what to do. */
const SPEAKING = [
  CommandProblem,
  ConfigProblem,
  StartProblem,
  DatabaseProblem,
  MasterKeyProblem,
  Refusal,
  SealgateError,
];

/** What the person at the keyboard should read when a command fails. */
export async function explainFailure(error: unknown): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof APIConnectionError) {
    return `${error.message}\nDoes the gateway run there? "sealgate start" starts one.`;
  }
  if (error instanceof StartProblem && isBusyPort(error.cause)) {
    const holder = await findPortHolder(error.cause.port).catch(() => undefined);
    return holder === undefined ? error.message : `${error.message} It is ${holder}.`;
  }
  if (SPEAKING.some((kind) => error instanceof kind)) return error.message;
  return explainSystemError(factsOf(error)) ?? error.stack ?? error.message;
}

function isBusyPort(cause: unknown): cause is { readonly port: number } {
  const { code, port } = factsOf(cause);
  return code === 'EADDRINUSE' && typeof port === 'number';
}

interface SystemFacts {
  readonly code?: string;
  readonly path?: string;
  readonly port?: number;
}

function factsOf(error: unknown): SystemFacts {
  return error ?? {};
}

const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);

function explainSystemError({ code = '', path }: SystemFacts): string | undefined {
  if (path !== undefined && FORBIDDEN.has(code)) {
    return `This user may not write to ${path}. Allow it, or set SEALGATE_DATA_DIR to another folder.`;
  }
  if (code === 'ENOSPC') return `The disk is full${path === undefined ? '' : ` at ${path}`}.`;
  return undefined;
}
