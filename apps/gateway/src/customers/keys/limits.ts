import type { GeoPolicy, NanoUsd } from '@sealgate/contract';
import type { Context } from '../../platform/context.ts';
import { createAddressRanges } from '../../platform/net/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { AlertWebhook } from '../billing/index.ts';

/** What a key may be limited by. `null`: no such limit. */
export interface KeyLimits {
  readonly monthlySpendCapNano?: NanoUsd | null | undefined;
  readonly alertWebhook?: AlertWebhook | undefined;
  /** Per cent of the cap. */
  readonly alertThresholds?: readonly number[] | undefined;
  readonly geoPolicy?: GeoPolicy | undefined;
  readonly allowedModels?: readonly string[] | null | undefined;
  readonly ipAllowList?: readonly string[] | null | undefined;
  readonly expiresAt?: Date | null | undefined;
  readonly rateLimitRpm?: number | null | undefined;
}

/** What no schema can tell. */
export function checkLimits({ clock }: Context, { expiresAt, ipAllowList }: KeyLimits): void {
  if (expiresAt && !(expiresAt.getTime() > clock())) {
    throw new Refusal('invalid_request_error', {
      message: 'expires_at: it must lie ahead.',
      param: 'expires_at',
    });
  }
  if (ipAllowList) requireReadable(ipAllowList);
}

/** A list that cannot be read later would lock everybody out. */
function requireReadable(ipAllowList: readonly string[]): void {
  try {
    createAddressRanges(ipAllowList);
  } catch (cause) {
    throw new Refusal('invalid_request_error', {
      message: 'ip_allow_list: every entry must be an address or a range such as 203.0.113.0/24.',
      param: 'ip_allow_list',
      cause,
    });
  }
}
