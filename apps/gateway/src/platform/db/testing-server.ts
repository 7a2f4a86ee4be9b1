import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { stopServer } from './embedded/server.ts';

let directory: string | undefined;

/** Vitest's global set-up: names a place. The first test that needs the server starts it there. */
export async function setup(project: TestProject): Promise<void> {
  directory = await mkdtemp('/tmp/sealgate-test-');
  // When the tests run as root, PostgreSQL's own account must be able to pass.
  await chmod(directory, 0o711);
  project.provide('postgresDirectory', directory);
}

export async function teardown(): Promise<void> {
  if (directory === undefined) return;
  await stopServer(directory);
  await rm(directory, { recursive: true, force: true });
}
