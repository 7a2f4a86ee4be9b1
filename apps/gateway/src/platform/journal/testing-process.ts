import { openJournal } from './index.ts';

/** Appends until it is killed, and says on standard output which lines were confirmed. */
const journal = await openJournal({
  dir: process.argv[2] ?? '',
  apply: () => Promise.reject(new Error('no database')),
  log: { warn: () => undefined, error: () => undefined },
});

async function appendForever(writer: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const line = `${writer}-${count}`;
    await journal.append(line);
    await new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));
  }
}

await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(appendForever));
