export { BlockedAddressError, isPublicAddress, lookupPublic } from './public-address.ts';
