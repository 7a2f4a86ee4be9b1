import type { Hold } from '../../customers/billing/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { dearestOf, type Admission } from './admit.ts';
import type { ChatServices } from './services.ts';

/** A request with the money that was set aside for it. */
export interface HeldAdmission extends Admission {
  readonly hold: Hold;
}

/** Sets aside the most that the request can cost. Throws the `Refusal` of the limit that is in the way. */
export async function hold(services: ChatServices, admission: Admission): Promise<HeldAdmission> {
  const { id: keyId, organizationId, createdBy: userId, timeZone } = admission.key;
  const payer = { organizationId, keyId, userId, timeZone };
  const take = async (admitted: Admission): Promise<HeldAdmission> => ({
    ...admitted,
    hold: await services.holds.take(payer, admitted.boundNano),
  });
  const frugal = withOwnKeysOnly(admission);
  if (frugal === undefined) return take(admission);
  return take(admission).catch((error: unknown) => {
    if (error instanceof Refusal) return take(frugal);
    throw error;
  });
}

/** Who brings a key need not have the money for what is only there beside it. `undefined`: it is all the same, or nothing is left. */
function withOwnKeysOnly(admission: Admission): Admission | undefined {
  const own = admission.candidates.filter(({ model }) => model.upstream.owner !== undefined);
  if (own.length === 0 || own.length === admission.candidates.length) return undefined;
  return { ...admission, candidates: own, boundNano: dearestOf(own) };
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
