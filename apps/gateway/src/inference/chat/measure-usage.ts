import { NO_TOKENS, type Generation, type TokenUsage } from '../../customers/billing/index.ts';
import type { Admission, Candidate } from './admit.ts';
import type { DeliveredText } from './delivered-text.ts';
import type { ChatServices } from './services.ts';
import { isPlausible } from './usage.ts';

/** What a request used, and who says so. */
export interface MeasuredUsage {
  readonly usage: TokenUsage;
  readonly usageSource: Exclude<Generation['usageSource'], 'none'>;
}

interface Measured {
  readonly candidate: Candidate;
  readonly reported: TokenUsage | undefined;
  readonly isEmpty: boolean;
  /** Counts what was answered. */
  readonly countOutput: () => Promise<number | undefined>;
}

/**
 * The upstream's own count when it can be true; else ours, which is made off the event loop; else, when neither is to be
 * had, the most that it can have been. What counts for one image, only the upstream knows.
 */
export async function measureUsage(
  services: ChatServices,
  { request }: Admission,
  { candidate, reported, isEmpty, countOutput }: Measured,
): Promise<MeasuredUsage> {
  const bounds = candidate.bounds.tokens;
  const { images } = bounds;
  if (reported && isPlausible(reported, { bounds, isEmpty })) {
    return { usage: { ...reported, images }, usageSource: 'upstream' };
  }
  const [input, output] = await Promise.all([
    request.attachments.inlineBytes === 0
      ? services.tokens.count('input', request.bodyText)
      : undefined,
    countOutput(),
  ]);
  const usage = {
    ...NO_TOKENS,
    images,
    input: atMost(bounds.input, input),
    output: atMost(bounds.output, output),
  };
  const isCounted = input !== undefined && output !== undefined;
  return { usage, usageSource: isCounted ? 'estimated' : 'bound' };
}

const atMost = (bound: number, count: number | undefined): number =>
  Math.min(bound, count ?? bound);

/** Bytes of text a token, where there is more than is worth counting. */
const BYTES_PER_TOKEN = 4;

/** What a stream has said so far. */
export async function countDelivered(
  { tokens }: ChatServices,
  delivered: DeliveredText,
): Promise<number | undefined> {
  const counted = await tokens.count('text', delivered.text());
  if (counted === undefined) return undefined;
  return counted + Math.ceil(delivered.bytesNotKept / BYTES_PER_TOKEN);
}
