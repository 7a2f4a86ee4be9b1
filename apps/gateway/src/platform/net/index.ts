export { createAddressRanges, type AddressRanges } from './address-ranges.ts';
export {
  BlockedAddressError,
  isPublicAddress,
  resolveByDns,
  type Resolve,
} from './public-address.ts';
export { publicConnector } from './public-connector.ts';
