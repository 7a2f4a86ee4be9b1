import { readFile } from 'node:fs/promises';
import { verifyAttestation, type QuoteCheck, type QuoteVerdict } from '@sealgate/protocol';
import type { Command } from 'commander';
import { CommandProblem } from './command-problem.ts';
import { readSavedAnswer, type SavedAttestation } from './saved-answer.ts';
import { printJson, type Surroundings } from './surroundings.ts';
import { printTable } from './table.ts';

interface VerifyOptions {
  readonly payloadId?: string;
  readonly serverKey?: string;
  readonly pcrs?: string;
  readonly trust?: readonly string[];
  readonly json?: boolean;
}

const MEANINGS: Readonly<Record<QuoteCheck, string>> = {
  format: 'the quote is complete, and nothing is left over',
  signature: 'the attestation key signed it',
  akAttributes: 'that key signs only what its TPM itself has made',
  akEnrolled: 'that key is one you trust (--trust)',
  nonce: 'it was made for this request, and in time',
  pcrSelection: 'it covers exactly the registers that are claimed (--pcrs)',
  pcrDigest: 'their values are the ones that are claimed',
  keyBinding: 'it covers the server key to which the request was sealed',
};

const MARKS = { passed: '✓', failed: '✗', 'not-checked': '?' } as const;

export function addVerifyCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('verify')
    .argument('<file>', 'an answer saved by "chat --sealed --json", or a tpm_attestation alone')
    .description('Verify the TPM quote of a saved answer; exit code 1 if a check fails')
    .option('--payload-id <id>', 'of the request, where the file does not say')
    .option(
      '--server-key <file>',
      'the PEM key that sealed the request, where the file does not say',
    )
    .option('--pcrs <selection>', 'the registers you insist on, e.g. sha256:0,7,10')
    .option(
      '--trust <name...>',
      'names of attestation keys you have enrolled ("sealgate doctor" shows a server’s)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A quote proves what firmware and system a TPM has recorded, and that this very answer asked for it. Whose TPM that is,
only --trust tells: any software TPM passes the other checks.

Examples:
  $ sealgate chat --sealed --json "What is 12 + 30?" > answer.json
  $ sealgate verify answer.json
  $ sealgate verify answer.json --pcrs sha256:0,7,10 --trust 000b5c0e…`,
    )
    .action((file: string, options: VerifyOptions) => verify(file, options, surroundings));
}

async function verify(
  file: string,
  options: VerifyOptions,
  surroundings: Surroundings,
): Promise<void> {
  const saved = await readSavedAnswer(await read(file), {
    payloadId: options.payloadId,
    serverKeyPem: options.serverKey === undefined ? undefined : await read(options.serverKey),
  });
  const verdict = await judge(saved, options);
  if (options.json) printJson(surroundings, verdict);
  else surroundings.stdout.write(describe(verdict));
  if (!verdict.ok) throw new CommandProblem('The attestation does not hold.');
}

async function judge(
  { attestation, request }: SavedAttestation,
  { pcrs, trust }: VerifyOptions,
): Promise<QuoteVerdict> {
  const nobody = {
    payloadId: '',
    serverSpkiDer: new Uint8Array(),
    sentAtSeconds: 0,
    receivedAtSeconds: 0,
  };
  const result = await verifyAttestation(attestation, {
    ...(request ?? nobody),
    expectedSelection: pcrs,
    trustedAkNames: trust,
  });
  if (!result.ok) throw new CommandProblem(explain(result.problem));
  return request === undefined ? withoutRequest(result.value) : result.value;
}

/** What cannot be judged without knowing the request is not counted against the quote. */
function withoutRequest({ checks }: QuoteVerdict): QuoteVerdict {
  const judged: QuoteVerdict['checks'] = {
    ...checks,
    nonce: 'not-checked',
    keyBinding: 'not-checked',
  };
  return { ok: !Object.values(judged).includes('failed'), checks: judged };
}

function explain(problem: { readonly kind: string; readonly field?: string }): string {
  return problem.kind === 'attestation-unavailable'
    ? 'There is no attestation in this answer: the server had no TPM.'
    : `The attestation is malformed: ${problem.field ?? problem.kind}.`;
}

function describe({ ok, checks }: QuoteVerdict): string {
  const names = Object.keys(MEANINGS) as QuoteCheck[];
  const table = printTable(names.map((name) => [MARKS[checks[name]], name, MEANINGS[name]]));
  const isOpen = Object.values(checks).includes('not-checked');
  const remark = isOpen ? ' What is marked "?" was not checked.' : '';
  return ok ? `${table}\nNo check failed.${remark}\n` : table;
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandProblem(`${file} cannot be read: ${reason}`);
  });
}
