import { SCHEMAS } from '@sealgate/contract';
import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A parameter or header: its description stands beside its schema. */
export interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

const names = new Map<unknown, string>(
  Object.entries(SCHEMAS).map(([name, schema]) => [schema, name]),
);

/** `input`: objects stay open, since clients must bear fields that are added later. */
const CONVERSION = { io: 'input', override: forgetSafeIntegerBounds } as const;

export const reference = (section: string, name: string): { readonly $ref: string } => ({
  $ref: `#/components/${section}/${name}`,
});

/** A named schema by reference, any other in place. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const name = names.get(schema);
  return name === undefined ? inPlace(schema) : reference('schemas', name);
}

/** All named schemas, referring to each other by name. */
export function namedSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const uri = (id: string): string => reference('schemas', id).$ref;
  const { schemas } = z.toJSONSchema(registry, { ...CONVERSION, uri });
  for (const schema of Object.values(schemas)) forgetIdentity(schema);
  return schemas;
}

export function fieldsOf(fields: z.ZodObject | undefined): Field[] {
  if (!fields) return [];
  const { properties = {}, required = [] } = inPlace(fields);
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', ...schema } = typeof property === 'boolean' ? {} : property;
    return { name, isRequired: required.includes(name), description, schema };
  });
}

const inPlace = (schema: z.ZodType): JsonSchema =>
  forgetIdentity(z.toJSONSchema(schema, CONVERSION));

/** The place in the document is the identity there. */
function forgetIdentity(schema: JsonSchema): JsonSchema {
  delete schema.$schema;
  delete schema.$id;
  return schema;
}

function forgetSafeIntegerBounds({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
