/** Where in an envelope or an attestation a fault lies, e.g. `encrypted_payload.nonce`. */
export interface FieldProblem {
  readonly kind: 'field-missing' | 'field-invalid' | 'field-unsupported';
  readonly field: string;
}

/**
 * Every failure of this package (SPEC §7). They are for the side that fails: a server answers all
 * problems of an envelope with one refusal, because each difference it shows is an oracle.
 */
export type Problem =
  | FieldProblem
  | { readonly kind: 'plaintext-empty' }
  | { readonly kind: 'plaintext-too-large'; readonly bytes: number; readonly maximum: number }
  | { readonly kind: 'envelope-too-large'; readonly bytes: number; readonly maximum: number }
  | { readonly kind: 'envelope-not-json' }
  | { readonly kind: 'envelope-too-complex' }
  | { readonly kind: 'key-not-unwrapped' }
  | { readonly kind: 'not-authentic' }
  | { readonly kind: 'public-key-header-malformed' }
  | { readonly kind: 'public-key-malformed' }
  | { readonly kind: 'public-key-unsuitable'; readonly modulusBits: number }
  | { readonly kind: 'binding-malformed'; readonly field: string }
  | { readonly kind: 'binding-other-key' }
  | { readonly kind: 'binding-stale'; readonly ageSeconds: number }
  | { readonly kind: 'binding-replayed' }
  | { readonly kind: 'attestation-unavailable' };

export interface Failure {
  readonly ok: false;
  readonly problem: Problem;
}

/** What a parser returns instead of throwing on hostile input. */
export type Result<Value> = { readonly ok: true; readonly value: Value } | Failure;

export const success = <Value>(value: Value): Result<Value> => ({ ok: true, value });

export const failure = (problem: Problem): Failure => ({ ok: false, problem });
