import type { Hold } from '../../customers/billing/index.ts';
import type { Admission } from './admit.ts';
import type { ChatServices } from './services.ts';

/** A request with the money that was set aside for it. */
export interface HeldAdmission extends Admission {
  readonly hold: Hold;
}

/** Sets aside the most that the request can cost. Throws the `Refusal` of the limit that is in the way. */
export async function hold(services: ChatServices, admission: Admission): Promise<HeldAdmission> {
  const { id: keyId, organizationId, createdBy: userId, timeZone } = admission.key;
  const payer = { organizationId, keyId, userId, timeZone };
  return { ...admission, hold: await services.holds.take(payer, admission.boundNano) };
}

/** Runs the work, and gives back whatever it has not settled. */
export async function releasing<Result>(
  { hold }: HeldAdmission,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } finally {
    hold.release();
  }
}
