/** Why a command did not do what it was asked to; the message tells the person at the keyboard what to do. */
export class CommandProblem extends Error {
  override readonly name = 'CommandProblem';
}
