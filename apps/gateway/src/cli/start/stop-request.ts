/** One Ctrl-C arrives several times: from the terminal, from npm, and from the launcher. */
const ECHO_MS = 500;
const EXIT_CODE_WHEN_FORCED = 130;

/** Resolves when we are asked to stop. Who presses Ctrl-C again does not want to wait. */
export function stopRequest(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => resolve();
    let firstAt: number | undefined;
    process.on('SIGINT', () => {
      firstAt ??= performance.now();
      if (performance.now() - firstAt > ECHO_MS) process.exit(EXIT_CODE_WHEN_FORCED);
      stop();
    });
    process.on('SIGTERM', stop);
    if (isInTerminal()) process.on('SIGHUP', stop);
    // The launcher was killed, and nobody else would stop us.
    process.on('disconnect', stop);
  });
}

/**
 * A service is told by SIGHUP to read its files again. In a terminal the same signal says that the window was closed: there it
 * stops the gateway.
 */
export function onRereadRequest(reread: () => Promise<void>): void {
  if (!isInTerminal()) process.on('SIGHUP', () => void reread());
}

const isInTerminal = (): boolean =>
  [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
