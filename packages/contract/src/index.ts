export { REFUSALS, type RefusalCode, type RefusalRow } from './refusals.ts';
export {
  nanoUsd,
  parsePricePerMillion,
  parseUsd,
  picoUsdPerToken,
  printPricePerMillion,
  printUsd,
  type NanoUsd,
  type PicoUsdPerToken,
} from './usd.ts';
