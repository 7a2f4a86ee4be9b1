import type { Model } from '../upstreams/index.ts';

/** Output weighs a third: typical chats read more than they write. `undefined`: the model has no price. */
export const blendedPrice = ({ price }: Pick<Model, 'price'>): bigint | undefined =>
  price === undefined ? undefined : price.input * 3n + price.output;
