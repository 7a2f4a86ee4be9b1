/** Somebody for whom an organization may bring a key of its own. */
export interface Provider {
  provider: string;
  /** Where keys for it are sent, and nowhere else. */
  host: string;
  /** The operator has no key for it: its models are for organizations that bring one. */
  own_key_needed: boolean;
}

/** All of them at once; there are no pages. */
export interface ProviderList {
  object: 'list';
  data: Provider[];
}

/** The body of `billing.createProviderKey`. */
export interface NewProviderKey {
  /** As `billing.providers` names it. */
  readonly provider: string;
  /** The provider's key. It is never shown again. */
  readonly key: string;
  /** 1 to 100 characters. Default: the provider. */
  readonly label?: string | undefined;
  /** May requests that it does not serve go with the operator's key? Default `false`. */
  readonly fallback?: boolean | undefined;
}

/** The body of `billing.updateProviderKey`. What is missing stays. */
export interface ProviderKeyChange {
  readonly label?: string | undefined;
  readonly fallback?: boolean | undefined;
}

/** The body of `billing.rotateProviderKey`. */
export interface ProviderKeyRotation {
  readonly key: string;
}

/** A provider key without the key. */
export interface ProviderKey {
  provider_key_id: string;
  provider: string;
  label: string;
  /** The only host that it is sent to. */
  host: string;
  /** The end of the key. */
  last_four: string;
  fallback: boolean;
  /** `rejected`: the provider does not take it. The last two: it is not sent anywhere. */
  status: 'active' | 'rejected' | 'host_changed' | 'unreadable';
  /** The person who brought it; null: a key that no person made. */
  created_by: string | null;
  /** RFC 3339, as all times. */
  created_at: string;
  rotated_at: string | null;
  /** When it last served. */
  last_used_at: string | null;
  /** Since when the provider refuses it. */
  rejected_at: string | null;
  /** What the provider answers, such as 401. */
  rejected_status: number | null;
}

/** A provider key, and what the provider said of it just now. */
export interface CheckedProviderKey extends ProviderKey {
  check: {
    /** `undecided`: the provider could not be asked, or its answer says nothing. */
    outcome: 'accepted' | 'refused' | 'undecided';
    message: string;
  };
}
