import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  CATALOGUE_DECIMALS,
  PriceCatalogueFile,
  priceCatalogueJsonSchema,
} from '../inference/upstreams/index.ts';
import { ConfigProblem } from './fault.ts';
import { readDocument } from './read-document.ts';

export interface ReadCatalogue {
  readonly text: string;
  readonly file: PriceCatalogueFile;
}

/** Throws `ConfigProblem` with every fault and its line, also where there is no file. */
export async function readPriceCatalogue(path: string): Promise<ReadCatalogue> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigProblem(
      [{ where: path, message: `cannot be read: ${String(error)}` }],
      basename(path),
    );
  });
  const { content, faults } = readDocument(text, {
    schema: PriceCatalogueFile,
    jsonSchema: priceCatalogueJsonSchema,
    decimals: CATALOGUE_DECIMALS,
  });
  if (content === undefined) throw new ConfigProblem(faults, basename(path));
  return { text, file: content };
}
