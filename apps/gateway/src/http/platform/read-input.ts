import type { Endpoint } from '@sealgate/contract';
import { z } from 'zod';
import { didYouMean } from '../../platform/did-you-mean.ts';
import { Refusal } from '../../platform/refusal.ts';
import { numberTexts } from './number-texts.ts';

/** PostgreSQL has no place for these in a text. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
/** Whatever walks through a value, here and in the database, has a stack that ends. */
const MAX_DEPTH = 100;

/** An id of the wrong shape names nothing: it is not found, like an id of somebody else. */
export function readParams(row: Endpoint, params: Readonly<Record<string, string>>): unknown {
  const schema = row.request?.params;
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(params);
  if (!parsed.success) throw new Refusal('not_found');
  return parsed.data;
}

export function readQuery(row: Endpoint, query: Readonly<Record<string, string[]>>): unknown {
  const schema = row.request?.query;
  if (schema === undefined) return undefined;
  const once = Object.entries(query).map(([name, values]) => {
    if (values.length > 1) throw invalid(`Send "${name}" once.`, name);
    return [name, values[0] ?? ''] as const;
  });
  return judge(schema, storable(Object.fromEntries(once)));
}

export function readJson(row: Endpoint, text: string): unknown {
  const schema = row.request?.body?.['application/json'];
  if (schema === undefined) return undefined;
  return judge(schema, storable(withExactNumbers(row, parseJson(text), text)));
}

function withExactNumbers({ request }: Endpoint, value: unknown, text: string): unknown {
  const { exactNumbers = [] } = request ?? {};
  if (exactNumbers.length === 0 || typeof value !== 'object' || Array.isArray(value)) return value;
  const exact = [...numberTexts(text)].filter(([name]) => exactNumbers.includes(name));
  return value === null ? value : { ...value, ...Object.fromEntries(exact) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The body is not valid JSON.');
  }
}

function storable(value: unknown): unknown {
  if (isStorable(value)) return value;
  throw invalid('Texts must not contain the character U+0000 or half of a surrogate pair.');
}

function isStorable(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return !UNSTORABLE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === MAX_DEPTH) throw invalid(`The body is nested more than ${MAX_DEPTH} levels deep.`);
  return Object.entries(value).every(
    ([name, part]) => !UNSTORABLE.test(name) && isStorable(part, depth + 1),
  );
}

function judge(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value, { error: sentenceOf });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // First what is too much: a misspelt field is also a missing one.
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined) throw unknownField(schema, unknown);
  const [issue] = issues;
  if (issue === undefined) throw new Error('impossible: zod refuses without an issue');
  const field = z.core.toDotPath(issue.path);
  throw invalid(field === '' ? `${issue.message}.` : `${field}: ${issue.message}.`, field);
}

/** What is wrong with a field, where its schema has no words of its own. */
function sentenceOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.path === undefined || issue.path.length === 0) return undefined;
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_type') return `must be of the type ${issue.expected}`;
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small') return `must ${lengthOf(issue)} at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `must ${lengthOf(issue)} at most ${issue.maximum}`;
  return undefined;
}

/** Nothing here is measured exclusively. */
const lengthOf = ({ origin }: { readonly origin: string }): string =>
  origin === 'string' || origin === 'array' ? 'have a length of' : 'be';

function unknownField(schema: z.ZodType, issue: z.core.$ZodIssueUnrecognizedKeys): Refusal {
  const [name = ''] = issue.keys;
  const known = Object.keys(shapeAt(schema, issue.path));
  const field = z.core.toDotPath([...issue.path, name]);
  return invalid(`There is no field "${field}" here.${didYouMean(name, known)}`, field);
}

/** The fields of the object at this place of the schema, as far as it is made of plain objects. */
function shapeAt(schema: unknown, path: readonly PropertyKey[]): Readonly<Record<string, unknown>> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return shapeAt(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodArray) return shapeAt(schema.element, path.slice(1));
  if (!(schema instanceof z.ZodObject)) return {};
  const [step, ...rest] = path;
  return step === undefined ? schema.shape : shapeAt(schema.shape[String(step)], rest);
}

const invalid = (message: string, param?: string): Refusal =>
  new Refusal('invalid_request_error', { message, param: param === '' ? undefined : param });
