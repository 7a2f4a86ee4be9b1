/** Where the providers are to which a key's requests may go. */
export const GEO_POLICIES = ['any', 'cn-only', 'overseas-only'] as const;

export type GeoPolicy = (typeof GEO_POLICIES)[number];
