import type { Touched, TouchedBudget } from '../alerts/touched.ts';
import type { Holder } from '../holds/budget-moves.ts';

/** The budgets and wallets of these holders, each once. */
export function touchedBy(holders: readonly Holder[]): Touched {
  const budgets = new Map<string, TouchedBudget>();
  const wallets = new Set<string>();
  for (const { organizationId, keyId, userId, month } of holders) {
    wallets.add(organizationId);
    const subjects = { organization: organizationId, member: userId, key: keyId };
    for (const [scope, subject] of Object.entries(subjects) as [
      TouchedBudget['scope'],
      string?,
    ][]) {
      if (subject === undefined) continue;
      const budget = { organizationId, scope, subject, month };
      budgets.set(Object.values(budget).join(' '), budget);
    }
  }
  return { budgets: [...budgets.values()], wallets: [...wallets] };
}
