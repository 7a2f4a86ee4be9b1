import {
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
} from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../platform/did-you-mean.ts';
import type { Fault } from './fault.ts';

type Path = readonly PropertyKey[];

export interface ReadDocument<Content> {
  /** `undefined` when something is wrong. */
  readonly content: Content | undefined;
  readonly faults: readonly Fault[];
  readonly lineOf: (path: Path) => number | undefined;
}

/** What a file must look like. */
export interface Shape<Content> {
  readonly schema: z.ZodType<Content>;
  /** Of the same, for hints at misspelt fields. */
  readonly jsonSchema: () => object;
  /** Fields whose numbers are read as the text that they are written in. */
  readonly decimals: ReadonlySet<string>;
}

/** Reads a text in YAML or JSON, which is a part of it; every fault carries its line. */
export function readDocument<Content>(text: string, shape: Shape<Content>): ReadDocument<Content> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (path: Path): number | undefined => lineAt(document, lines, path);
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ message, pos }) => ({
      where: '',
      line: lines.linePos(pos[0]).line,
      message,
    }));
    return { content: undefined, faults, lineOf };
  }
  keepDecimals(document, shape.decimals);
  const value = valueOf(document);
  const parsed = shape.schema.safeParse(value);
  if (parsed.success) return { content: parsed.data, faults: [], lineOf };
  const reading = { value, lineOf, root: shape.jsonSchema() as SchemaNode };
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, reading));
  return { content: undefined, faults, lineOf };
}

/** An empty file is one without settings. */
function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    return `cannot be read: ${String(error)}`;
  }
}

/** `0.15` must become "0.15", not the nearest binary fraction. */
function keepDecimals(document: Document, names: ReadonlySet<string>): void {
  visit(document, {
    Pair(_key, { key, value }) {
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'number') return;
      if (names.has(String(key.value))) value.value = value.source ?? String(value.value);
    },
  });
}

interface Reading {
  readonly value: unknown;
  readonly lineOf: ReadDocument<unknown>['lineOf'];
  readonly root: SchemaNode;
}

function faultsOf(issue: z.core.$ZodIssue, { value, lineOf, root }: Reading): Fault[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      where: printPath([...path, key]),
      line: lineOf([...path, key]),
      message: `is not a field here.${didYouMean(key, fieldsAt(root, path))}`,
    }));
  }
  return [{ where: printPath(path), line: lineOf(path), message: sentenceOf(issue, value) }];
}

function sentenceOf(issue: z.core.$ZodIssue, value: unknown): string {
  const given = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  if (issue.code === 'invalid_type' || issue.code === 'invalid_value') {
    if (given === undefined) return 'is missing';
  }
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    return `must be one of ${allowed.join(', ')}.${didYouMean(String(given), allowed)}`;
  }
  if (issue.code === 'invalid_type') return `must be of type ${issue.expected}`;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return issue.message;
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

function fieldsAt(root: SchemaNode, path: Path): string[] {
  const node = path.reduce<SchemaNode | undefined>(
    (inner, key) => (typeof key === 'number' ? inner?.items : inner?.properties?.[String(key)]),
    root,
  );
  return Object.keys(node?.properties ?? {});
}

/** `upstreams[0].models[2].price`. */
export function printPath(path: Path): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/** The line of a field, or of the nearest thing around it that is there. */
function lineAt(document: Document, lines: LineCounter, path: Path): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const start = startOf(document, path.slice(0, length));
    if (start !== undefined) return lines.linePos(start).line;
  }
  return undefined;
}

function startOf(document: Document, path: Path): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const name = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === name);
    if (isPair(pair) && isNode(pair.key)) return pair.key.range?.[0];
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
