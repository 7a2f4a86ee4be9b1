/** Why there is no master key, or not the right one. The message says what the operator can do about it, and never the key. */
export class MasterKeyProblem extends Error {
  override readonly name = 'MasterKeyProblem';
}
