/**
 * What the vault seals texts for: what each is, and whose. A text opens for its own purpose only, so that a row that is copied
 * elsewhere stays closed. Here and nowhere else, since a change of the master key has to know them all.
 */
export const PURPOSES = {
  mail: (mailId: string): string => `mail:${mailId}`,
  totp: (userId: string): string => `totp:${userId}`,
  /** Of a key or an organization. */
  alertWebhook: (ownerId: string): string => `alert-webhook:${ownerId}`,
  idempotentAnswer: (scope: string, keyHash: Buffer): string =>
    `idempotency:${scope}:${keyHash.toString('hex')}`,
  providerKey: (row: ProviderKeyPlace): string =>
    `provider-key:${row.organizationId}:${row.id}:${row.provider}:${row.origin}`,
  cachedAnswer: (row: CachedAnswerPlace): string => `cached-answer:${placeOf(row)}`,
  cachedVector: (row: CachedAnswerPlace): string => `cached-vector:${placeOf(row)}`,
  check: 'vault-check',
} as const;

/** Whose the key is, and where it may be sent. Only the origin has colons, and it stands last. */
export interface ProviderKeyPlace {
  readonly organizationId: string;
  readonly id: string;
  readonly provider: string;
  readonly origin: string;
}

/** Only the model may have colons, and it stands last. */
export interface CachedAnswerPlace {
  readonly organizationId: string;
  readonly requestDigest: Buffer;
  readonly hostDigest: Buffer;
  readonly model: string;
}

const placeOf = ({ organizationId, requestDigest, hostDigest, model }: CachedAnswerPlace): string =>
  [organizationId, requestDigest.toString('hex'), hostDigest.toString('hex'), model].join(':');
