import { basename } from 'node:path';
import type { Logger } from 'pino';
import { ConfigProblem, printFault } from '../config.ts';
import { readPriceCatalogue } from '../config/read-price-catalogue.ts';
import {
  compareCatalogues,
  createPriceBook,
  type PriceBook,
  type PriceCatalogueFile,
} from '../inference/upstreams/index.ts';

/** What is known of models and their prices, out of a file that may change while we run. */
export interface PriceCatalogueKeeper {
  current(): PriceBook;
  /** Reads the file again. A broken one changes nothing, and the log says what is wrong with it. */
  reread(): Promise<void>;
}

/** Throws `ConfigProblem` when there is nothing good to begin with. */
export async function openPriceCatalogue(
  path: string,
  log: Pick<Logger, 'info' | 'error'>,
): Promise<PriceCatalogueKeeper> {
  let content = await readPriceCatalogue(path);
  let book = createPriceBook(content.file);
  /** Told once, not every five minutes. */
  let problem: string | undefined;
  return {
    current: () => book,
    reread: async () => {
      try {
        const next = await readPriceCatalogue(path);
        if (problem !== undefined && next.text === content.text) {
          log.info({ path }, 'the price catalogue is as it was before it was broken');
        }
        problem = undefined;
        if (next.text === content.text) return;
        log.info(
          { path, ...summarize(content.file, next.file) },
          'the price catalogue has changed',
        );
        content = next;
        book = createPriceBook(content.file);
      } catch (error) {
        if (!(error instanceof ConfigProblem)) throw error;
        if (error.message === problem) return;
        problem = error.message;
        const faults = error.faults.map((fault) => printFault(fault, basename(path)));
        log.error(
          { path, faults },
          'the price catalogue is broken: the one that was read before stays in use',
        );
      }
    },
  };
}

const MOST_NAMED = 20;

/** A line of the log is no list of everything: `sealgate prices check` prints that. */
function summarize(before: PriceCatalogueFile, after: PriceCatalogueFile): object {
  const { added, removed, changed } = compareCatalogues(before, after);
  return {
    counts: { added: added.length, removed: removed.length, changed: changed.length },
    added: added.slice(0, MOST_NAMED),
    removed: removed.slice(0, MOST_NAMED),
    changed: changed.slice(0, MOST_NAMED),
  };
}
