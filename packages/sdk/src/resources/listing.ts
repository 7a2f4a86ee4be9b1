import { answering } from './answering.ts';
import type { Answering } from './answering.ts';

/** One page of a list. */
export interface List<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  /** For `after` of the next page. */
  next_cursor: string | null;
}

/** Which part of a list. */
export interface PageParams {
  /** How many at most: 1 to 100. Default 20. */
  readonly limit?: number | undefined;
  /** `next_cursor` of the page before. */
  readonly after?: string | undefined;
}

/**
 * A list under way. Awaited, it is its first page; read with `for await`, it is every item of every page, which are asked
 * for as the reader gets there.
 *
 * @example
 * const page = await client.organizations.list({ limit: 5 });
 * for await (const organization of client.organizations.list()) print(organization.name);
 */
export interface Listing<Item> extends Answering<List<Item>>, AsyncIterable<Item> {}

/** `readPage` gets the cursor that the page before has named. */
export function listing<Item>(
  readPage: (after?: string) => Promise<{ data: List<Item>; response: Response }>,
): Listing<Item> {
  const first = answering(readPage());
  return Object.assign(first, {
    async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
      let page = await first;
      yield* page.data;
      while (page.has_more && page.next_cursor !== null) {
        page = (await readPage(page.next_cursor)).data;
        yield* page.data;
      }
    },
  });
}
