import { join, resolve } from 'node:path';

/** The folder that all of Sealgate's source lies in. */
export const CHECKOUT = resolve(import.meta.dirname, '../..');

export function inCheckout(...parts) {
  return join(CHECKOUT, ...parts);
}
