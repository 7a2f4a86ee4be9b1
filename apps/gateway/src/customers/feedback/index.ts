export { FEEDBACK_CHANNEL, submitFeedback, type Vote, type VoteToGive } from './submit.ts';
export { summarizeFeedback, type FeedbackSummary, type Tally } from './summarize.ts';
