import { SDK_CALLS, type Endpoint } from '@sealgate/contract';
import { schemaOf } from '../openapi-schemas.ts';
import { exampleOf, type Named } from './example.ts';

/** One operation and its name. */
export type Row = readonly [name: string, row: Endpoint];

/** The operation for the command line; nothing where the body is no JSON. */
export function curlSample([, row]: Row, named: Named): string | undefined {
  const body = bodyOf(row, named);
  if (row.request?.body !== undefined && body === undefined) return undefined;
  const lines = [
    `curl ${row.method === 'GET' ? '' : `-X ${row.method} `}"$SEALGATE_URL${pathOf(row)}"`,
    ...(row.caller === 'anyone' ? [] : [`-H "Authorization: Bearer $${CREDENTIALS[row.caller]}"`]),
    ...(body === undefined
      ? []
      : [
          `-H "Content-Type: application/json"`,
          `-d '${printJson(body)
            .replaceAll("'", String.raw`'\''`)
            .replaceAll('\n', '\n  ')}'`,
        ]),
  ];
  return lines.join(' \\\n  ');
}

const CREDENTIALS = {
  key: 'SEALGATE_API_KEY',
  member: 'SEALGATE_API_KEY',
  session: 'ACCESS_TOKEN',
  operator: 'SEALGATE_METRICS_TOKEN',
} as const;

/** The operation with the SDK; nothing where the SDK has no call for it. */
export function sdkSample([name, row]: Row, named: Named): string | undefined {
  const call = SDK_CALLS[name];
  if (call === undefined) return undefined;
  const [, method = '', list = ''] = /^([\w.]+)\((.*)\)$/.exec(call) ?? [];
  const given = list
    .split(', ')
    .filter((argument) => argument !== '' && argument !== 'query')
    .map((argument) =>
      argument === 'body' ? printLiteral(bodyOf(row, named)) : camelCase(argument),
    );
  return isList(row)
    ? `for await (const each of client.${method}(${given.join(', ')})) {\n  console.log(each);\n}`
    : `const answer = await client.${method}(${given.join(', ')});`;
}

/** What an answer looks like. */
export function answerSample({ content }: Endpoint['answers'][number], named: Named): unknown {
  const schema = content['application/json'];
  return schema && exampleOf(schemaOf(schema), { named, isComplete: true });
}

/** Paged lists are read item by item. */
const isList = ({ request }: Endpoint): boolean => request?.query?.shape['after'] !== undefined;

function bodyOf({ request }: Endpoint, named: Named): unknown {
  const schema = request?.body?.['application/json'];
  return schema && exampleOf(schemaOf(schema), { named, isComplete: false });
}

/** With variables of the shell for the parameters. */
const pathOf = ({ path }: Endpoint): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);

const camelCase = (name: string): string =>
  name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

export const printJson = (value: unknown): string => JSON.stringify(value, undefined, 2);

/** JSON as JavaScript writes it: plain names without quotes, texts with single ones. */
const printLiteral = (value: unknown): string =>
  printJson(value)
    .replaceAll(/^(\s*)"(\w+)":/gm, '$1$2:')
    .replaceAll(/"((?:[^"\\']|\\[^"])*)"/g, "'$1'");
