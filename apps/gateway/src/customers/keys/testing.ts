import { NO_OWN_KEYS } from '../provider-keys/index.ts';
import type { ApiKey } from './api-key.ts';

/** A key without limits, for tests of what is asked of keys; nothing else imports this file. */
export const testKey = (changes: Partial<ApiKey> = {}): ApiKey => ({
  id: 'key_1',
  organizationId: 'org_1',
  timeZone: 'UTC',
  plan: { planId: 'pay-as-you-go', next: undefined },
  ownKeys: NO_OWN_KEYS,
  createdBy: undefined,
  name: 'test',
  rateLimitRpm: 60,
  allowedModels: undefined,
  geoPolicy: 'any',
  cache: undefined,
  allowedAddresses: undefined,
  expiresAtMs: undefined,
  replacedAtMs: undefined,
  ...changes,
});
