export { createAddressRanges, type AddressRanges } from './address-ranges.ts';
export { BlockedAddressError, isPublicAddress, lookupPublic } from './public-address.ts';
export { publicConnector } from './public-connector.ts';
