/** One thing that is wrong in the configuration, and what to do about it. */
export interface Fault {
  /** A variable's name, or a path such as `upstreams[0].base_url`. */
  readonly where: string;
  /** Line in the file, from 1. */
  readonly line?: number | undefined;
  readonly message: string;
}

/** Everything that is wrong, together. The text is meant for the operator's terminal. */
export class ConfigProblem extends Error {
  override readonly name = 'ConfigProblem';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[], fileName: string) {
    const lines = faults.map((fault) => `  ${printFault(fault, fileName)}`);
    super(`The configuration is wrong:\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

/** `sealgate.yaml:12 upstreams[0].base_url: is missing`, `SEALGATE_PORT: …`. */
export function printFault({ where, line, message }: Fault, fileName: string): string {
  const place = line === undefined ? where : `${fileName}:${line} ${where}`;
  return `${place.trimEnd()}: ${message}`;
}
