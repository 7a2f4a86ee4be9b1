type Fields = Readonly<Record<string, unknown>>;

/** A kept answer as the event stream that a model would have sent, but for its end, which `StreamFrames.close` writes. */
export function streamOf(answerText: string): Buffer {
  const { choices, usage, object: _object, ...common } = JSON.parse(answerText) as Fields;
  const [choice] = choices as readonly [Fields];
  const { message, finish_reason: reason, ...rest } = choice;
  const { role, ...said } = message as Fields;
  const chunk = (changes: Fields): Fields => ({
    ...common,
    object: 'chat.completion.chunk',
    ...changes,
  });
  const choiceOf = (delta: Fields, finish: unknown, more: Fields = {}): Fields =>
    chunk({ choices: [{ index: 0, ...more, delta, finish_reason: finish }] });
  const frames = [
    choiceOf({ role, content: '' }, null),
    choiceOf(said, null, rest),
    choiceOf({}, reason),
    ...(usage === undefined || usage === null ? [] : [chunk({ choices: [], usage })]),
  ];
  return Buffer.from(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(''));
}
