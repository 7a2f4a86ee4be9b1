import { PriceCatalogueFile } from './file.ts';
import { createPriceBook, type PriceBook } from './price-book.ts';
import shipped from '../../../../price-catalogue.json' with { type: 'json' };

/** What comes with the package. */
export const shippedPrices = (): PriceBook => createPriceBook(PriceCatalogueFile.parse(shipped));

export const NO_PRICES: PriceBook = createPriceBook({ providers: [] });
