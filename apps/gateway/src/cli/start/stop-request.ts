const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C arrives several times: from the terminal, from npm, and from the launcher. */
const ECHO_MS = 500;
const EXIT_CODE_WHEN_FORCED = 130;

/** Resolves when we are asked to stop. Who asks again does not want to wait. */
export function stopRequest(): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (firstAt !== undefined && performance.now() - firstAt > ECHO_MS) {
          process.exit(EXIT_CODE_WHEN_FORCED);
        }
        firstAt ??= performance.now();
        resolve();
      });
    }
  });
}
