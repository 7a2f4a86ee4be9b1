import { eq } from 'drizzle-orm';
import {
  inSystem,
  priceVersions,
  type Stored,
  type Transaction,
} from '../../../platform/db/index.ts';
import { printTariff, readTariff, type PrintedTariff } from '../pricing/tariff-fields.ts';
import type { Tariff } from '../pricing/tariff.ts';

/** A tariff on its way to the database, as it stands in the usage journal. */
export interface JournaledTariff {
  readonly version: string;
  readonly terms: PrintedTariff;
}

/** Each once, in one order, so that processes that have the same ones never wait for each other in a circle. */
export async function keepTariffs(
  transaction: Transaction,
  tariffs: readonly JournaledTariff[],
  nowMs: number,
): Promise<void> {
  const byVersion = new Map(tariffs.map(({ version, terms }) => [version, terms]));
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

  /** What a line of the journal has to carry. */
  missing(tariff: Tariff | undefined): JournaledTariff | undefined {
    return tariff === undefined || this.#versions.has(tariff.version)
      ? undefined
      : { version: tariff.version, terms: printTariff(tariff) };
  }

  /** Lines that were stored. */
  note(lines: readonly string[]): void {
    for (const line of lines) {
      if (!line.includes('"tariff":')) continue;
      const { tariff } = JSON.parse(line) as { readonly tariff?: JournaledTariff };
      if (tariff !== undefined) this.#remember(tariff.version);
    }
  }

  /** A line that carries its tariff once more does no harm, a memory without an end does. */
  #remember(version: string): void {
    if (this.#versions.size >= MOST_VERSIONS) this.#versions.clear();
    this.#versions.add(version);
  }
}

const MOST_VERSIONS = 10_000;
