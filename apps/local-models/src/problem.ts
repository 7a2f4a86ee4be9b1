interface ProblemRow {
  readonly status: number;
  readonly type: 'invalid_request_error' | 'server_error';
  readonly message: string;
}

const PROBLEMS = {
  invalid_request: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The request is not valid.',
  },
  context_length_exceeded: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The prompt is too long.',
  },
  not_found: { status: 404, type: 'invalid_request_error', message: 'There is no such path.' },
  model_not_found: {
    status: 404,
    type: 'invalid_request_error',
    message: 'There is no such model.',
  },
  body_too_large: { status: 413, type: 'invalid_request_error', message: 'The body is too large.' },
  internal: { status: 500, type: 'server_error', message: 'The model failed.' },
  overloaded: {
    status: 503,
    type: 'server_error',
    message: 'Too many requests wait for this model.',
  },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An answer "no" in OpenAI's envelope. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly param: string | null;

  constructor(code: ProblemCode, details: { message?: string; param?: string | undefined } = {}) {
    super(details.message ?? PROBLEMS[code].message);
    this.code = code;
    this.param = details.param ?? null;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  get envelope(): object {
    const { type } = PROBLEMS[this.code];
    return { error: { message: this.message, type, param: this.param, code: this.code } };
  }
}
