import { DECIMALS } from './file-prices.ts';
import { readDocument, type ReadDocument } from './read-document.ts';
import { SealgateFile, sealgateFileJsonSchema } from './sealgate-file.ts';

/** Reads the text of a `sealgate.yaml`. */
export const readFile = (text: string): ReadDocument<SealgateFile> =>
  readDocument(text, {
    schema: SealgateFile,
    jsonSchema: sealgateFileJsonSchema,
    decimals: DECIMALS,
  });
