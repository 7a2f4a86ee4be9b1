/** A reason not to start that the operator can do something about. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}
