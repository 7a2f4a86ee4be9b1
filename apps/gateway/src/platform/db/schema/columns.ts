import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** A moment, to the millisecond that JavaScript knows. */
export const moment = (name: string) =>
  timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** Nano-dollars. A default must be written as sql`0`: drizzle-kit cannot print a bigint. */
export const nano = (name: string) => bigint(name, { mode: 'bigint' });

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const createdAt = () => moment('created_at').notNull().defaultNow();
