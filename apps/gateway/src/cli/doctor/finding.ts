/** What the doctor found out about one thing. */
export interface Finding {
  readonly name: string;
  /** `note`: nothing is wrong, and the operator should know. */
  readonly state: 'good' | 'note' | 'problem';
  readonly text: string;
  /** What the operator can do about it. */
  readonly fix?: string | undefined;
}

export function good(name: string, text: string): Finding {
  return { name, state: 'good', text };
}

export function note(name: string, text: string, fix?: string): Finding {
  return { name, state: 'note', text, fix };
}

export function problem(name: string, text: string, fix: string): Finding {
  return { name, state: 'problem', text, fix };
}
