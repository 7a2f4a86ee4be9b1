import type { Secret } from '../secret.ts';

/** Where a master key comes from. `name`: as the operator has given it, for messages. */
export type MasterKeySource =
  | { readonly kind: 'text'; readonly name: string; readonly secret: Secret }
  | { readonly kind: 'file'; readonly name: string; readonly path: string }
  /** Whatever manages keys: its client prints the key. */
  | { readonly kind: 'command'; readonly name: string; readonly argv: readonly string[] }
  /** A file that the first start makes. */
  | { readonly kind: 'data-folder'; readonly path: string };

/** For the operator. */
export function describeSource(source: MasterKeySource): string {
  switch (source.kind) {
    case 'text':
      return `the variable ${source.name}`;
    case 'file':
      return `the file ${source.path}`;
    case 'command':
      return `the command "${source.argv[0]}" of ${source.name}`;
    case 'data-folder':
      return source.path;
  }
}
