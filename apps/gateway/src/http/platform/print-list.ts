import type { Page } from '../../platform/page.ts';

export interface PrintedList<Printed> {
  readonly object: 'list';
  readonly data: Printed[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

export const printList = <Entry, Printed>(
  { entries, nextCursor }: Page<Entry>,
  print: (entry: Entry) => Printed,
): PrintedList<Printed> => ({
  object: 'list',
  data: entries.map((entry) => print(entry)),
  has_more: nextCursor !== undefined,
  next_cursor: nextCursor ?? null,
});
