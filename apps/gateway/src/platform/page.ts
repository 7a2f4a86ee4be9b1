/** Which part of a list: at most `limit` entries, those that come after the id. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: string | undefined;
}

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  /** `undefined`: there are no more. */
  readonly nextCursor: string | undefined;
}

/** Of `limit + 1` rows, which is how one asks whether there are more. */
export function cutPage<Entry extends { readonly id: string }>(
  rows: readonly Entry[],
  { limit }: PageRequest,
): Page<Entry> {
  const entries = rows.slice(0, limit);
  return { entries, nextCursor: rows.length > limit ? entries.at(-1)?.id : undefined };
}
