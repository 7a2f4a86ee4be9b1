import type { Output } from '../surroundings.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/** One line for every step; on a terminal the current one turns. */
export interface Progress {
  step(text: string): void;
  end(): void;
}

export function showProgress(output: Output): Progress {
  if (!output.isTerminal)
    return { step: (text) => output.write(`${text} …\n`), end: () => undefined };
  let current: string | undefined;
  let frame = 0;
  const draw = () => {
    if (current === undefined) return;
    output.write(`\r${FRAMES[frame % FRAMES.length]} ${current} …`);
    frame += 1;
  };
  const finish = () => {
    if (current !== undefined) output.write(`\r✓ ${current}  \n`);
    current = undefined;
  };
  const timer = setInterval(draw, FRAME_MS);
  return {
    step(text) {
      finish();
      current = text;
      draw();
    },
    end() {
      clearInterval(timer);
      finish();
    },
  };
}
