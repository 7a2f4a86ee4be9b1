/** Where a command reads and writes; passed in, so that tests own it. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Output;
  /** For progress and remarks, so that what a script reads stays clean. */
  readonly stderr: Output;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Standard input, piece by piece. */
  openInput(): Input;
}

/** Text, or its bytes in UTF-8, as they come. */
export type Input = AsyncIterable<Uint8Array | string>;

export interface Output {
  readonly isTerminal: boolean;
  write(text: string): void;
}

export function printJson({ stdout }: Surroundings, value: unknown): void {
  stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
