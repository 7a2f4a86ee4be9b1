import type { KeyCheck, Provider, ProviderDirectory } from './directory.ts';

/** For tests; nothing else imports this file. */
export const NO_PROVIDERS = testDirectory([], () => ({ kind: 'undecided', reason: 'unreachable' }));

/** Providers that say of a key what the test says. */
export function testDirectory(
  providers: readonly Provider[],
  check: (providerId: string, key: string) => KeyCheck,
): ProviderDirectory {
  return {
    list: () => providers,
    find: (id) => providers.find((provider) => provider.id === id),
    check: async ({ id }, secret) => check(id, secret.reveal()),
  };
}
