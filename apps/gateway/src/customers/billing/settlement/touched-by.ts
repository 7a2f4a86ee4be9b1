import type { Touched, TouchedBudget } from '../alerts/touched.ts';
import type { Holder } from '../holds/budget-moves.ts';

/** The budgets and wallets that these charges have changed, each once. */
export function touchedBy(charges: readonly (Holder & { readonly amountNano: bigint })[]): Touched {
  const budgets = new Map<string, TouchedBudget>();
  const wallets = new Set<string>();
  for (const { organizationId, keyId, userId, month, amountNano } of charges) {
    if (amountNano === 0n) continue;
    wallets.add(organizationId);
    const subjects = { organization: organizationId, member: userId, key: keyId };
    for (const [scope, subject] of Object.entries(subjects) as [
      TouchedBudget['scope'],
      string?,
    ][]) {
      if (subject === undefined) continue;
      budgets.set([organizationId, month, scope, subject].join(' '), {
        organizationId,
        scope,
        subject,
        month,
      });
    }
  }
  return { budgets: [...budgets.values()], wallets: [...wallets] };
}
