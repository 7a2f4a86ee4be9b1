import type { Prompt } from './learning/index.ts';

/** What the router may know about a request. */
export interface RoutingRequest {
  /** What its answers are like is learned from its own requests alone: nobody steers another's. */
  readonly organizationId: string;
  /** Called once, if at all: reading the prompt takes its time. */
  readonly readPrompt: () => Prompt;
  /** A guess. */
  readonly inputTokens: number;
  /** The caller's own limit of all answers together. */
  readonly maxOutputTokens: number | undefined;
  readonly choiceCount: number;
  readonly isStream: boolean;
  /** `false`: the caller wants no experiments. */
  readonly explores: boolean;
  /** A hash of what it belongs to; `undefined`: it stands alone. */
  readonly conversation: string | undefined;
}
