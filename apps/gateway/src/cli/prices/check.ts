import { basename } from 'node:path';
import { ConfigProblem, printFault, readConfig } from '../../config.ts';
import { readPriceCatalogue } from '../../config/read-price-catalogue.ts';
import { compareCatalogues, type PriceCatalogueFile } from '../../inference/upstreams/index.ts';
import { CommandProblem } from '../command-problem.ts';
import { printJson, type Surroundings } from '../surroundings.ts';

/** Whether a price catalogue is sound, and what it would change. Nothing is changed. */
export async function check(
  path: string,
  { json }: { readonly json?: boolean },
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, env } = surroundings;
  const { file } = await readPriceCatalogue(path).catch((error: unknown) => {
    if (!(error instanceof ConfigProblem)) throw error;
    const faults = error.faults.map((fault) => printFault(fault, basename(path)));
    throw new CommandProblem(faults.join('\n'));
  });
  const { priceCataloguePath } = await readConfig(env);
  const inUse = await readPriceCatalogue(priceCataloguePath);
  const changes = compareCatalogues(inUse.file, file);
  if (json) return printJson(surroundings, { ...countIn(file), ...changes });
  const { providers, models } = countIn(file);
  const lines = [
    `${path} is sound: ${providers} providers, ${models} models.`,
    ...changes.added.map((text) => `+ ${text}`),
    ...changes.removed.map((text) => `- ${text}`),
    ...changes.changed.map((text) => `~ ${text}`),
  ];
  if (lines.length === 1) lines.push(`It says the same as ${priceCataloguePath}.`);
  stdout.write(`${lines.join('\n')}\n`);
}

const countIn = ({ providers }: PriceCatalogueFile) => ({
  providers: providers.length,
  models: providers.reduce((sum, { models }) => sum + models.length, 0),
});
