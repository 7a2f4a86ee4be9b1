import { html, raw } from 'hono/html';
import type { JsonSchema } from '../openapi-schemas.ts';
import { choicesOf, nameOf, resolve, type Named } from './example.ts';

export type Markup = ReturnType<typeof html>;

/** Text with `code` in backticks. */
export const prose = (text: string): Markup[] =>
  text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));

interface Place {
  readonly named: Named;
  /** Whether a caller must know which fields are required. */
  readonly isRequest: boolean;
  /** The names that lead here: a schema that contains itself is shown once. */
  readonly above: readonly string[];
}

/** The fields of an object, those of the objects in them folded away. */
export function fieldList(schema: JsonSchema, place: Place): Markup {
  const inside = within(schema, place);
  const objects = choicesOf(resolve(schema, place.named))
    .map((choice) => resolve(choice, place.named))
    .filter(({ properties }) => properties !== undefined);
  return html`${objects.map(
    ({ properties = {}, required = [] }, index) =>
      html`${index > 0 ? raw('<p class="or">or</p>') : ''}
        <dl class="fields">
          ${Object.entries(properties).map(([name, property]) =>
            typeof property === 'object'
              ? field(
                  {
                    name,
                    isRequired: place.isRequest && required.includes(name),
                    schema: property,
                  },
                  inside,
                )
              : '',
          )}
        </dl>`,
  )}`;
}

export interface ShownField {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: JsonSchema;
  readonly description?: string | undefined;
}

export function field({ name, isRequired, schema, description }: ShownField, place: Place): Markup {
  const plain = resolve(schema, place.named);
  const nested = nestedOf(schema, place);
  return html`<div>
    <dt>
      <code>${name}</code> <span class="type">${typeText(schema, place.named)}</span>
      ${isRequired ? raw('<span class="required">required</span>') : ''}
    </dt>
    <dd>
      ${prose(description ?? plain.description ?? '')} ${limits(plain)}
      ${
        nested === undefined
          ? ''
          : html`<details>
              <summary>Fields of <code>${name}</code></summary>
              ${fieldList(nested, within(schema, place))}
            </details>`
      }
    </dd>
  </div>`;
}

function within(schema: JsonSchema, place: Place): Place {
  const name = nameOf(schema);
  return name === undefined ? place : { ...place, above: [...place.above, name] };
}

/** The schema with fields in a field, an item of an array or a choice. */
function nestedOf(schema: JsonSchema, place: Place): JsonSchema | undefined {
  if (place.above.includes(nameOf(schema) ?? '')) return undefined;
  const plain = resolve(schema, place.named);
  const item = itemOf(plain);
  if (item) return nestedOf(item, place);
  const choices = choicesOf(plain);
  if (choices.length === 1) return plain.properties && schema;
  const nested = choices
    .map((choice) => nestedOf(choice, place))
    .filter((choice) => choice !== undefined);
  return nested.length === 0 ? undefined : { anyOf: nested };
}

const itemOf = ({ items }: JsonSchema): JsonSchema | undefined =>
  typeof items === 'object' && !Array.isArray(items) ? items : undefined;

function typeText(schema: JsonSchema, named: Named): string {
  const plain = resolve(schema, named);
  if (plain.const !== undefined) return JSON.stringify(plain.const);
  if (plain.enum) return plain.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = choicesOf(plain);
  if (choices.length > 1) {
    return [...new Set(choices.map((choice) => typeText(choice, named)))].join(' | ');
  }
  const item = itemOf(plain);
  if (item) return `array of ${typeText(item, named)}`;
  const types = [plain.type ?? 'any'].flat();
  return types.map((type) => (type === 'string' && plain.format) || type).join(' | ');
}

/** What the type does not say. */
function limits(schema: JsonSchema): Markup[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const facts = [
    range(minimum, maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' entries'),
    schema.default === undefined ? undefined : `Default \`${JSON.stringify(schema.default)}\`.`,
  ];
  return facts.flatMap((fact) => (fact === undefined ? [] : prose(`${fact} `)));
}

function range(least: number | undefined, most: number | undefined, unit: string) {
  if (most === undefined) return least === undefined ? undefined : `At least ${least}${unit}.`;
  return least === undefined ? `At most ${most}${unit}.` : `${least} to ${most}${unit}.`;
}
