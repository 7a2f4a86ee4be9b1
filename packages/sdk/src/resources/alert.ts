/** What became of a test event. */
export interface AlertTest {
  /** The receiver answered with a 2xx status. */
  delivered: boolean;
  /** What it answered; null: nothing. */
  status: number | null;
  problem: 'unreachable' | 'timeout' | 'not_accepted' | null;
}

/** A try to reach an alert webhook. */
export interface AlertDelivery {
  delivery_id: string;
  /** The `webhook-id`: the same for every try of one event. */
  event_id: string;
  /** Of the event, such as `key.spend_threshold_reached`. */
  type: string;
  /** 1, 2, 3 … */
  attempt: number;
  /** RFC 3339. */
  attempted_at: string;
  /** The receiver answered with a 2xx status. */
  delivered: boolean;
  /** What it answered; null: nothing. */
  status: number | null;
  problem: 'unreachable' | 'timeout' | 'not_accepted' | null;
  /** Until the answer; null: there was none. */
  duration_ms: number | null;
  /** RFC 3339; null: it is not tried again. */
  next_attempt_at: string | null;
}

/** Where an organization's alerts go, and what for. */
export interface OrganizationAlerts {
  webhook_url: string | null;
  /** Per cent of the organization's quota and of those of its members. */
  thresholds: number[];
  /** Decimal text; null: never. */
  low_balance_alert_usd: string | null;
  /** Do the owner and the admins get every alert by mail? */
  email_enabled: boolean;
}

/** The body of `organizations.updateAlerts`. What is missing stays; null takes away. */
export interface OrganizationAlertsChange {
  /** HTTPS only, at the port 443 or 8443. */
  readonly webhook_url?: string | null | undefined;
  /** Makes a new signing secret for the same URL; the old one is good for a day. */
  readonly rotate_secret?: boolean | undefined;
  readonly thresholds?: readonly number[] | undefined;
  /** Decimal text. */
  readonly low_balance_alert_usd?: string | null | undefined;
  readonly email_enabled?: boolean | undefined;
}

/** The settings after a change. */
export interface ChangedOrganizationAlerts extends OrganizationAlerts {
  /** Of a new webhook, shown this once (Standard Webhooks, `whsec_…`). */
  signing_secret?: string | undefined;
}

interface Reached {
  org_id: string;
  /** Per cent of the limit. */
  threshold: number;
  /** Decimal text. */
  spent_usd: string;
  /** Decimal text. */
  cap_usd: string;
  /** Such as `2026-11`, in the organization's time zone. */
  month: string;
  /** RFC 3339. */
  resets_at: string;
}

interface Event<Type extends string, Data> {
  type: Type;
  /** When it happened. RFC 3339. */
  timestamp: string;
  data: Data;
}

/** The body of a webhook. Verify its signature before you read it, e.g. with the package `standardwebhooks`. */
export type AlertEvent =
  | Event<'key.spend_threshold_reached', Reached & { key_id: string }>
  | Event<'member.spend_threshold_reached', Reached & { user_id: string }>
  | Event<'organization.spend_threshold_reached', Reached>
  | Event<
      'wallet.low_balance',
      { org_id: string; balance_usd: string; low_balance_alert_usd: string }
    >
  | Event<'key.alert_test', { org_id: string; key_id: string; thresholds: number[] }>
  | Event<'organization.alert_test', { org_id: string; thresholds: number[] }>;
