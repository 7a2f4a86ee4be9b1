/** `undefined`: it took longer, or failed. */
export function within<Answer>(
  asked: Promise<Answer>,
  patienceMs: number,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), patienceMs);
    const settle = (answer: Answer | undefined): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    asked.then(settle, () => settle(undefined));
  });
}
