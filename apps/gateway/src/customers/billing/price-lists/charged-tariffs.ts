import { eq } from 'drizzle-orm';
import {
  inSystem,
  priceVersions,
  type Stored,
  type Transaction,
} from '../../../platform/db/index.ts';
import { printTariff, readTariff, type PrintedTariff } from '../pricing/tariff-fields.ts';
import type { Tariff } from '../pricing/tariff.ts';

/** A tariff on its way to the database: a member of a line of the usage journal. */
interface JournaledTariff {
  readonly version: string;
  readonly terms: PrintedTariff;
}

/** Few lines have one: the others are not worth being read. */
const tariffsIn = (lines: readonly string[]): readonly JournaledTariff[] =>
  lines
    .filter((line) => line.includes('"tariff":'))
    .flatMap((line) => (JSON.parse(line) as { readonly tariff?: JournaledTariff }).tariff ?? []);

/**
 * What lines of the usage journal tell of the tariffs that were charged, each once; in one order, so that processes that have
 * the same ones never wait for each other in a circle. The lines are good JSON: the database has taken them.
 */
export async function keepTariffs(
  transaction: Transaction,
  lines: readonly string[],
  nowMs: number,
): Promise<void> {
  const byVersion = new Map(tariffsIn(lines).map(({ version, terms }) => [version, terms]));
  if (byVersion.size === 0) return;
  const firstUsedAt = new Date(nowMs);
  const rows = Array.from(byVersion, ([version, terms]) => ({ version, terms, firstUsedAt }));
  await transaction
    .insert(priceVersions)
    .values(rows.toSorted((one, other) => (one.version < other.version ? -1 : 1)))
    .onConflictDoNothing();
}

export interface ChargedTariff {
  readonly tariff: Tariff;
  readonly firstUsedAt: Date;
}

/** By what was charged under this version; `undefined`: nothing that we know of. Tariffs are no organization's. */
export async function findTariff(
  database: Stored,
  version: string,
): Promise<ChargedTariff | undefined> {
  const [row] = await inSystem(database, (transaction) =>
    transaction.select().from(priceVersions).where(eq(priceVersions.version, version)),
  );
  if (row === undefined) return undefined;
  const tariff = readTariff(row.terms);
  if (tariff.version !== version) throw new Error(`impossible: ${version} was changed`);
  return { tariff, firstUsedAt: row.firstUsedAt };
}

/** Which tariffs this process has seen arrive in the database: their lines in the journal need them no more. */
export class ArrivedTariffs {
  readonly #versions = new Set<string>();

  /** The line of a generation, with what it was charged by unless the database has that. */
  complete(line: string, tariff: Tariff | undefined): string {
    if (tariff === undefined || this.#versions.has(tariff.version)) return line;
    const journaled = { version: tariff.version, terms: printTariff(tariff) };
    return `${line.slice(0, -1)},"tariff":${JSON.stringify(journaled)}}`;
  }

  /** Lines that were stored. */
  note(lines: readonly string[]): void {
    for (const { version } of tariffsIn(lines)) {
      // A line that carries its tariff once more does no harm, a memory without an end does.
      if (this.#versions.size >= MOST_VERSIONS) this.#versions.clear();
      this.#versions.add(version);
    }
  }
}

const MOST_VERSIONS = 10_000;
