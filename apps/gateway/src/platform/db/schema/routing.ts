import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';

/**
 * What the router knew and did about each request of a tier: enough to learn from its vote, and to judge other policies by.
 * Never what was said. No foreign keys, as generations have none.
 */
export const routingDecisions = pgTable(
  'routing_decisions',
  {
    generationId: text('generation_id').primaryKey(),
    organizationId: text('organization_id').notNull(),
    keyId: text('key_id').notNull(),
    userId: text('user_id'),
    decidedAt: moment('decided_at').notNull(),
    tier: text({ enum: ['fast', 'balanced', 'auto'] }).notNull(),
    preference: text({ enum: ['fast', 'cheap', 'quality'] }),
    policy: text().notNull(),
    rules: jsonb().notNull(),
    options: jsonb().notNull(),
    chosen: text().notNull(),
    reason: text({ enum: ['only-one', 'conversation', 'best', 'exploration'] }).notNull(),
    /** Who served in the end; null: nobody. */
    modelUsed: text('model_used'),
    /** Hashed words and shape numbers of the prompt; null: not to be kept. */
    features: bytea(),
    /** A hash. */
    conversation: text(),
    /** What the caller did, where it says something about the answer. */
    signal: text({ enum: ['regenerated'] }),
    /** A vote or a signal has come, and nothing was learned from it yet. */
    isDue: boolean('is_due').notNull().default(false),
  },
  (table) => [
    index('routing_decisions_of_organization').on(table.organizationId, table.decidedAt),
    index('routing_decisions_by_age').on(table.decidedAt),
    index('routing_decisions_of_conversation')
      .on(table.conversation, table.decidedAt)
      .where(sql`${table.conversation} is not null`),
    index('routing_decisions_due')
      .on(table.generationId)
      .where(sql`${table.isDue}`),
  ],
);

/**
 * The log that all gateways learn from, in the order of its positions, which is that of the commits: whoever writes holds a
 * lock. Only `undone_by` ever changes.
 */
export const routingLessons = pgTable(
  'routing_lessons',
  {
    position: bigint({ mode: 'number' }).primaryKey(),
    modelId: text('model_id').notNull(),
    kind: text({ enum: ['learn', 'undo', 'reset'] }).notNull(),
    createdAt: moment('created_at').notNull(),
    /** Null for a reset: the model's host has another version of it. */
    organizationId: text('organization_id'),
    generationId: text('generation_id'),
    signal: text({ enum: ['rated-good', 'rated-bad', 'regenerated'] }),
    /** The user, or the key of nobody. */
    rater: text(),
    keyId: text('key_id'),
    label: doublePrecision(),
    weight: doublePrecision(),
    /** What was expected before. */
    predicted: doublePrecision(),
    /** Of what is learned or undone. */
    lesson: bytea(),
    /** Position of the entry that took this lesson back. */
    undoneBy: bigint('undone_by', { mode: 'number' }),
  },
  (table) => [
    index('routing_lessons_of_generation').on(table.generationId, table.position),
    uniqueIndex('routing_lessons_in_force')
      .on(table.generationId)
      .where(sql`${table.kind} = 'learn' and ${table.undoneBy} is null`),
    index('routing_lessons_of_rater').on(table.rater, table.createdAt),
    index('routing_lessons_of_key').on(table.keyId, table.createdAt),
    index('routing_lessons_resets')
      .on(table.modelId, table.createdAt)
      .where(sql`${table.kind} = 'reset'`),
  ],
);

/** Every model as it was after the lesson at a position. */
export const routingSnapshots = pgTable(
  'routing_snapshots',
  {
    position: bigint({ mode: 'number' }).notNull(),
    modelId: text('model_id').notNull(),
    state: bytea().notNull(),
    /** Evidence that the model has become worse; see `DriftWatch`. */
    suspicion: doublePrecision().notNull(),
    /** Ratings before this one count for little since then. */
    trustedFrom: integer('trusted_from').notNull(),
  },
  (table) => [primaryKey({ columns: [table.position, table.modelId] })],
);

/** Hashes of what hosts call the versions of their models, each seen once. */
export const routingVersions = pgTable(
  'routing_versions',
  {
    modelId: text('model_id').notNull(),
    version: text().notNull(),
    seenAt: moment('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.modelId, table.version] })],
);
