// Writes what is made of the configuration's schema: `npm run config-reference`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describeVariables } from '../apps/gateway/src/config/describe-variables.ts';
import { sealgateFileJsonSchema } from '../apps/gateway/src/config/sealgate-file.ts';
import { priceCatalogueJsonSchema } from '../apps/gateway/src/inference/upstreams/index.ts';

const SCHEMAS = {
  'apps/gateway/sealgate.schema.json': sealgateFileJsonSchema,
  'apps/gateway/price-catalogue.schema.json': priceCatalogueJsonSchema,
};
const DOCUMENT = 'docs/operations.md';
const BEGIN = '<!-- variables: written by npm run config-reference -->';
const END = '<!-- end of variables -->';

for (const [path, schema] of Object.entries(SCHEMAS)) {
  writeFileSync(path, `${JSON.stringify(schema(), undefined, 2)}\n`);
}

const rows = describeVariables().map(
  ({ name, byDefault, sentence }) =>
    `| \`${name}\` | ${byDefault === undefined ? '' : `\`${byDefault}\``} | ${sentence} |`,
);
const table = ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
const text = existsSync(DOCUMENT)
  ? readFileSync(DOCUMENT, 'utf8')
  : `# Operations\n\n## Environment variables\n\n${BEGIN}\n${END}\n`;
const [before = '', rest = ''] = text.split(BEGIN);
const after = rest.split(END)[1] ?? '';
writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
