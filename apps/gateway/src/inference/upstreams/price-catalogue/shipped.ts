import { fileURLToPath } from 'node:url';

/** The catalogue that comes with the package, beside its `package.json`. */
export const SHIPPED_CATALOGUE_PATH = fileURLToPath(
  new URL('../../../../price-catalogue.json', import.meta.url),
);
