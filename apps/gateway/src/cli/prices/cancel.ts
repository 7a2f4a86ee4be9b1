import { cancelPriceList } from '../../customers/billing/index.ts';
import { asOperator } from '../as-operator.ts';
import type { Surroundings } from '../surroundings.ts';

export interface CancelOptions {
  readonly reason: string;
}

export async function cancel(
  id: string,
  { reason }: CancelOptions,
  surroundings: Surroundings,
): Promise<void> {
  await asOperator(surroundings, (ctx) => cancelPriceList(ctx, { id, reason }));
  surroundings.stdout.write(`${id} is canceled.\n`);
}
