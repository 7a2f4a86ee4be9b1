export type { DecidedOption, RoutingDecision } from './decision.ts';
export { forgetDecisions } from './forget.ts';
export { insertDecisions, PLACEMENTS_CHANNEL } from './insert.ts';
export {
  readLoggedDecisions,
  type DecisionPage,
  type DecisionsQuestion,
  type LoggedDecision,
} from './logged.ts';
export { noteVote } from './note-vote.ts';
