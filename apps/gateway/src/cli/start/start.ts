import type { Command } from 'commander';
import { readConfig } from '../../config.ts';
import { startGateway, type Gateway } from '../../main.ts';
import type { Surroundings } from '../surroundings.ts';
import { showProgress } from './progress.ts';
import { onRereadRequest, stopRequest } from './stop-request.ts';
import { welcome, welcomeBack } from './welcome.ts';

export function addStartCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('start')
    .description('Start the gateway in the foreground')
    .addHelpText(
      'after',
      `
Everything is set by variables of the environment and by sealgate.yaml; docs/operations.md lists them all.

  SEALGATE_HOST, SEALGATE_PORT   where to listen (default: 127.0.0.1, 8787)
  SEALGATE_DATA_DIR              database and keys (default: ./data)
  DATABASE_URL                   another PostgreSQL than the embedded one

Ctrl-C lets running requests finish; a second one does not wait.

Examples:
  $ sealgate start
  $ SEALGATE_PORT=0 SEALGATE_DATA_DIR=/tmp/try sealgate start`,
    )
    .action(() => start(surroundings));
}

async function start({ env, stdout, stderr }: Surroundings): Promise<void> {
  const config = await readConfig(env);
  const stopped = stopRequest();
  let running: Gateway | undefined;
  // From the beginning on: unheard, the signal would end us.
  onRereadRequest(async () => running?.reread());
  const progress = showProgress(stderr);
  const gateway = await startGateway({ config, onProgress: (text) => progress.step(text) }).finally(
    () => progress.end(),
  );
  running = gateway;
  const { firstRun, url } = gateway;
  stdout.write(
    firstRun === undefined ? welcomeBack(url) : welcome(url, firstRun.keySecret.reveal()),
  );
  await stopped;
  stderr.write('Stopping: running requests may finish. Ctrl-C again does not wait.\n');
  await gateway.close();
}
