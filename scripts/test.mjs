// `npm test`: installs what is missing, then runs every check.
import { spawnSync } from 'node:child_process';

const run = (command, ...args) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

run('npm', 'ci');
run('npm', 'run', 'check');
