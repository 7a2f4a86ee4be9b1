import { findPeriod, type UsagePeriod } from '../../customers/billing/index.ts';
import {
  readLoggedDecisions,
  type DecisionPage,
  type DecisionsQuestion,
  type LoggedDecision,
} from '../../customers/decisions/index.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inSystem, inTenant } from '../../platform/db/index.ts';
import { TierTally, type TierInsight } from './tier-insight.ts';

export interface InsightQuestion {
  /** Today and the days before. */
  readonly days: number;
  readonly tier: LoggedDecision['tier'] | undefined;
  /** Older decisions are not looked at. */
  readonly mostDecisions?: number;
}

export interface RoutingInsight extends UsagePeriod {
  /** How many were looked at. */
  readonly decisions: number;
  /** There are older ones in the period, which were not. */
  readonly isTruncated: boolean;
  /** When the oldest one was made that was looked at; `undefined`: there is none. */
  readonly since: Date | undefined;
  /** Those with decisions. */
  readonly tiers: readonly TierInsight[];
}

/** A second of work for the gateway, in small pieces. */
const MOST_DECISIONS = 50_000;
/** A command has time, but not forever. */
const MOST_DECISIONS_OF_ALL = 1_000_000;
const PAGE = 500;
const TIERS = ['fast', 'balanced', 'auto'] as const;
const DAY_MS = 24 * 60 * 60_000;

/** How the tiers have done for the caller's organization. */
export async function readInsight(
  ctx: Context<MemberActor>,
  { days, tier, mostDecisions = MOST_DECISIONS }: InsightQuestion,
): Promise<RoutingInsight> {
  const { organizationId } = ctx.actor;
  const period = await inTenant(ctx, organizationId, (transaction) =>
    findPeriod(transaction, organizationId, { days, nowMs: ctx.clock() }),
  );
  // A transaction for each page: others get the connection in between.
  const pages = pagesOf({ ...period, organizationId, tier }, (question) =>
    inTenant(ctx, organizationId, (transaction) => readLoggedDecisions(transaction, question)),
  );
  return { ...period, ...(await tally(pages, mostDecisions)) };
}

/** How they have done for everybody, for the operator. */
export async function readInsightOfAll(
  ctx: Context,
  { days, tier, mostDecisions = MOST_DECISIONS_OF_ALL }: InsightQuestion,
): Promise<RoutingInsight> {
  const period = periodInUtc(ctx, days);
  return { ...period, ...(await tally(everybodysPages(ctx, { ...period, tier }), mostDecisions)) };
}

export interface LogQuestion {
  readonly days: number;
  readonly tier: LoggedDecision['tier'] | undefined;
  /** `undefined`: everybody's. */
  readonly organizationId: string | undefined;
  readonly withFeatures: boolean;
}

/** The log itself, the newest first. */
export async function* readLog(
  ctx: Context,
  { days, ...question }: LogQuestion,
): AsyncGenerator<LoggedDecision> {
  for await (const page of everybodysPages(ctx, { ...periodInUtc(ctx, days), ...question }))
    yield* page;
}

type PagesQuestion = Omit<DecisionsQuestion, 'after' | 'limit'>;

const everybodysPages = (
  ctx: Context,
  question: Omit<PagesQuestion, 'organizationId'> & {
    readonly organizationId?: string | undefined;
  },
): AsyncGenerator<readonly LoggedDecision[]> =>
  pagesOf({ organizationId: undefined, ...question }, (page) =>
    inSystem(ctx, (transaction) => readLoggedDecisions(transaction, page)),
  );

async function* pagesOf(
  question: PagesQuestion,
  read: (question: DecisionsQuestion) => Promise<DecisionPage>,
): AsyncGenerator<readonly LoggedDecision[]> {
  let after: DecisionPage['next'];
  do {
    const page = await read({ ...question, after, limit: PAGE });
    yield page.decisions;
    after = page.next;
  } while (after !== undefined);
}

async function tally(
  pages: AsyncIterable<readonly LoggedDecision[]>,
  most: number,
): Promise<Omit<RoutingInsight, keyof UsagePeriod>> {
  const tallies = new Map(TIERS.map((tier) => [tier, new TierTally(tier)]));
  const seen = new Set<LoggedDecision['tier']>();
  let decisions = 0;
  let since: Date | undefined;
  const done = (isTruncated: boolean) => ({
    decisions,
    isTruncated,
    since,
    tiers: [...tallies].flatMap(([tier, own]) => (seen.has(tier) ? [own.report()] : [])),
  });
  for await (const page of pages) {
    for (const decision of page) {
      if (decisions === most) return done(true);
      decisions += 1;
      since = decision.decidedAt;
      seen.add(decision.tier);
      tallies.get(decision.tier)?.note(decision);
    }
  }
  return done(false);
}

function periodInUtc(ctx: Context, days: number): UsagePeriod {
  const nowMs = ctx.clock();
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return { timeZone: 'UTC', from: day(nowMs - (days - 1) * DAY_MS), to: day(nowMs) };
}
