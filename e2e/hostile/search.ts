import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gateway } from '../harness.ts';
import { queryDatabase } from './gateway-database.ts';

/** Where one of the texts stands, in everything that a gateway leaves behind: its output, its files, its database, its metrics. */
export async function findEverywhere(
  gateway: Gateway,
  texts: readonly string[],
): Promise<readonly string[]> {
  const { key } = gateway;
  const metrics = await fetch(`${gateway.url()}/metrics`).then((answer) => answer.text());
  return [
    ...findIn(
      'output',
      Buffer.from(gateway.log().replaceAll(key, '[the key of the first start]')),
      texts,
    ),
    ...findIn('metrics', Buffer.from(metrics), texts),
    ...(await findInFiles(gateway.dataDir, texts)),
    ...(await findInTables(gateway, texts)),
  ];
}

/** All files, whatever they are: journal, tables, indexes, write-ahead log. */
export async function findInFiles(
  directory: string,
  texts: readonly string[],
): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        // A temporary file may be gone by now.
        const bytes = await readFile(path).catch(() => Buffer.alloc(0));
        return findIn(path, bytes, texts);
      }),
  );
  return found.flat();
}

/** Rows as text, since compressed values hide from whoever reads the files. */
async function findInTables(
  gateway: Gateway,
  texts: readonly string[],
): Promise<readonly string[]> {
  const tables = await queryDatabase<{ name: string }>(
    gateway,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname <> 'information_schema'`,
  );
  const found = [];
  for (const { name } of tables) {
    const rows = await queryDatabase<{ row: string }>(
      gateway,
      `select t::text as row from ${name} t`,
    );
    found.push(...findIn(name, Buffer.from(rows.map(({ row }) => row).join('\n')), texts));
  }
  return found;
}

function findIn(place: string, bytes: Buffer, texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const at = bytes.indexOf(text);
    if (at < 0) return [];
    const around = bytes.subarray(Math.max(0, at - 60), at + text.length + 60);
    return [`${place}: ${around.toString('latin1')}`];
  });
}

export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
