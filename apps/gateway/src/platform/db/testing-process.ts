import { openDatabase } from './index.ts';

/** A gateway's share in the database, held until the process is killed. */
const [dataDir = ''] = process.argv.slice(2);
await openDatabase({ dataDir, role: 'server', onProgress: () => undefined });
process.stdout.write('open\n');
setInterval(() => undefined, 60_000);
