/** An answer under way. Awaiting it gives the parsed body; `withResponse` gives the headers too. */
export interface Answering<Body> extends Promise<Body> {
  /** The parsed body together with the HTTP answer, whose headers carry limits, cost and ids. */
  withResponse(): Promise<{ data: Body; response: Response }>;
}

export function answering<Body>(
  work: Promise<{ data: Body; response: Response }>,
): Answering<Body> {
  const body = work.then(({ data }) => data);
  return Object.assign(body, {
    withResponse: () => {
      // Whoever asks this way learns of a failure from `work`; the unused promise must not crash Node.
      body.catch(() => undefined);
      return work;
    },
  });
}
