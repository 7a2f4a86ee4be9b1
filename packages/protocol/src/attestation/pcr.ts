import { concatBytes, decodeHex, digest, equalBytes } from '../bytes.ts';
import type { Bytes } from '../bytes.ts';
import type { TpmHash } from './algorithms.ts';
import type { PcrSelection } from './attest.ts';

/** `pcr_values`: bank → PCR index → hexadecimal value. */
export type PcrValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

const BANK = /^(sha\d+):(\d{1,2}(?:,\d{1,2})*)$/;

/**
 * Whether a quote covers exactly the PCRs that are claimed. The digest alone does not tell: a value
 * moved to another index gives the same one (SPEC §6.3).
 */
export function isSelectionOf(selections: readonly PcrSelection[], values: PcrValues): boolean {
  const quoted = printSelections(selections);
  const claimed = Object.entries(values).map(([bank, pcrs]) => printBank(bank, Object.keys(pcrs)));
  return quoted !== '' && quoted === joinBanks(claimed);
}

/** Whether a quote covers exactly a selection such as `sha256:0,7,10`; banks are joined by `+`. */
export function isExpectedSelection(
  selections: readonly PcrSelection[],
  expected: string,
): boolean {
  const banks = expected.split('+').map((bank) => {
    const [, name = '', indices = ''] = BANK.exec(bank) ?? [];
    return printBank(name, indices.split(','));
  });
  return printSelections(selections) === joinBanks(banks);
}

/** Whether the values hash to the digest of the quote: in its order, with the signature's hash. */
export async function isDigestOf(
  pcrDigest: Bytes,
  covered: { readonly selections: readonly PcrSelection[]; readonly values: PcrValues },
  hash: TpmHash,
): Promise<boolean> {
  const values: Bytes[] = [];
  for (const selection of covered.selections) {
    for (const index of selection.indices) {
      const text = covered.values[selection.hash.bank]?.[String(index)];
      const value = typeof text === 'string' ? decodeHex(text) : undefined;
      if (!value || value.length !== selection.hash.bytes) return false;
      values.push(value);
    }
  }
  return equalBytes(await digest(hash.name, concatBytes(...values)), pcrDigest);
}

function printSelections(selections: readonly PcrSelection[]): string {
  return joinBanks(
    selections
      .filter(({ indices }) => indices.length > 0)
      .map(({ hash, indices }) => printBank(hash.bank, indices.map(String))),
  );
}

function printBank(bank: string, indices: readonly string[]): string {
  return `${bank}:${indices.toSorted((left, right) => Number(left) - Number(right)).join(',')}`;
}

function joinBanks(banks: readonly string[]): string {
  return banks.toSorted().join('+');
}
