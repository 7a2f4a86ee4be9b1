import type { JsonSchema } from '../openapi-schemas.ts';

export type Named = Readonly<Record<string, JsonSchema>>;

/** Objects inside of objects inside of objects are left empty. */
const DEEPEST = 4;
const REFERENCE = '#/components/schemas/';

/** Follows a reference to its schema. */
export function resolve(schema: JsonSchema, named: Named): JsonSchema {
  const name = nameOf(schema);
  return name === undefined ? schema : (named[name] ?? {});
}

export const nameOf = ({ $ref }: JsonSchema): string | undefined => $ref?.slice(REFERENCE.length);

/** The schema itself, or each of those that it lets choose from. */
export function choicesOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema];
}

export interface ExampleOptions {
  readonly named: Named;
  /** Requests show what is required, answers everything. */
  readonly isComplete: boolean;
}

/** A value that the schema allows, as telling as the schema is. */
export function exampleOf(schema: JsonSchema, options: ExampleOptions, depth = 0): unknown {
  const plain = resolve(schema, options.named);
  const told = toldValue(plain);
  if (told !== undefined) return told;
  const [choice = plain, ...others] = choicesOf(plain);
  if (others.length > 0) return exampleOf(choice, options, depth);
  if (plain.type === 'array') return arrayExample(plain, options, depth);
  if (plain.type === 'object') return objectExample(plain, options, depth);
  return SCALARS[plain.format ?? String([plain.type].flat()[0])] ?? '…';
}

const toldValue = (schema: JsonSchema): unknown =>
  schema.examples?.[0] ?? schema.const ?? schema.enum?.[0] ?? schema.default;

const SCALARS: Readonly<Record<string, unknown>> = {
  string: '…',
  email: 'ada@example.com',
  uri: 'https://example.com/hook',
  number: 1,
  integer: 1,
  boolean: true,
  null: null,
};

function arrayExample({ items }: JsonSchema, options: ExampleOptions, depth: number): unknown[] {
  const isPlain = typeof items === 'object' && !Array.isArray(items);
  return isPlain && depth < DEEPEST ? [exampleOf(items, options, depth + 1)] : [];
}

function objectExample(
  { properties = {}, required = [] }: JsonSchema,
  options: ExampleOptions,
  depth: number,
): object {
  if (depth >= DEEPEST) return {};
  const all = Object.entries(properties);
  const shown = all.filter(([name]) => options.isComplete || required.includes(name));
  // A change without any field would show nothing.
  const entries = shown.length > 0 ? shown : all.slice(0, 1);
  return Object.fromEntries(
    entries.map(([name, property]) => [
      name,
      typeof property === 'object' ? exampleOf(property, options, depth + 1) : null,
    ]),
  );
}
