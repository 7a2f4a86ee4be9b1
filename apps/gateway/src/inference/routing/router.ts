import type { Clock } from '../../platform/clock.ts';
import type { Catalogue, Model, TierName, UpstreamHealth } from '../upstreams/index.ts';
import { AnswerMeans } from './answer-means.ts';
import { ConversationMemory } from './conversation-memory.ts';
import type { Decision } from './decision.ts';
import type { Intent } from './intent.ts';
import {
  choose,
  readFeatures,
  utilityOf,
  utilityWeights,
  type Choice,
  type UtilityWeights,
} from './learning/index.ts';
import { prospectsOf, type Experience, type Prospect } from './prospects.ts';
import type { QualityBook } from './quality-book.ts';
import type { RoutingRequest } from './request.ts';
import { RunningMeans } from './running-means.ts';
import { VersionWatch } from './version-watch.ts';

export interface RouterMetrics {
  decision(tier: TierName, reason: Choice['reason'], seconds: number): void;
}

export interface RouterOptions {
  readonly book: QualityBook;
  readonly health: Pick<UpstreamHealth, 'outlookOf'>;
  readonly conversations?: ConversationMemory;
  readonly versions?: VersionWatch;
  /** A host answers with a version of a model that nobody has seen. */
  readonly onNewVersion: (modelId: string, version: string) => void;
  readonly metrics: RouterMetrics;
  readonly monotonicMs: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** A tier and the models of it that may serve, in the order of `shortlist`. */
export interface Ask {
  readonly intent: Intent & { readonly kind: 'tier' };
  readonly models: readonly Model[];
  readonly catalogue: Catalogue;
  readonly request: RoutingRequest;
}

export interface Routed {
  /** All that were given: the chosen one first, then those that would do next best. */
  readonly models: readonly Model[];
  readonly decision: Decision;
}

/** A good answer to a request, for whoever wants to do better next time. */
export interface Answered {
  readonly organizationId: string;
  readonly model: Model;
  /** Of each choice. */
  readonly outputTokens: number;
  /** It said nothing. */
  readonly isEmpty: boolean;
  /** What the host calls the model that answered. */
  readonly answeredModel: string | undefined;
  readonly conversation: string | undefined;
}

/** Of which one is chosen: more are never explored blindly. */
const SHORTLIST = 4;

const PREDICTIONS = { start: 0, worth: 0, memory: 200 };

/** Chooses the models of tiers. It only orders what it is given, so whatever keeps a model away from a request still does. */
export class Router {
  readonly #options: RouterOptions;
  readonly #experience: Experience;
  readonly #conversations: ConversationMemory;
  readonly #versions: VersionWatch;
  readonly #predictions = new RunningMeans(PREDICTIONS);

  constructor(options: RouterOptions) {
    this.#options = options;
    const { book, health } = options;
    this.#conversations = options.conversations ?? new ConversationMemory();
    this.#versions = options.versions ?? new VersionWatch();
    this.#experience = {
      book,
      outlookOf: (model, isStream) => health.outlookOf(model, isStream),
      answers: new AnswerMeans(),
    };
  }

  route({ intent, models, catalogue, request }: Ask): Routed {
    const { monotonicMs, metrics, random } = this.#options;
    const startedAtMs = monotonicMs();
    const features = readFeatures(request.readPrompt());
    const weights = utilityWeights(intent.tier, intent.preference);
    const prospects = prospectsOf(models, this.#experience, { request, features });
    const ranked = rank(onePerModel(prospects), weights, catalogue.lastResorts?.[intent.tier]);
    const { conversation, explores } = request;
    const conversationModel =
      conversation === undefined ? undefined : this.#conversations.modelOf(conversation);
    const shortlist = shortlisted(ranked, conversationModel);
    const choice = choose(
      shortlist.map(({ candidate }) => candidate),
      { weights, explore: explores, conversationModel },
      random(),
    );
    for (const { candidate } of shortlist) this.#predictions.note(candidate.id, candidate.quality);
    metrics.decision(intent.tier, choice.reason, (monotonicMs() - startedAtMs) / 1_000);
    const { tier, preference } = intent;
    return {
      models: inOrder(choice, ranked, models),
      decision: { tier, preference, weights, explores, choice, features, conversation },
    };
  }

  noteAnswer({ organizationId, model, conversation, ...answer }: Answered): void {
    const { outputTokens, isEmpty, answeredModel } = answer;
    const seen = { modelId: model.id, outputTokens, isEmpty };
    this.#experience.answers.note(organizationId, seen);
    if (conversation !== undefined && !isEmpty) this.#conversations.place(conversation, model.id);
    const version = this.#versions.note(model, answeredModel);
    if (version !== undefined) this.#options.onNewVersion(model.id, version);
  }

  /** Mean quality that was expected lately of each model that could have served, with the votes behind it. */
  *standings(): Generator<readonly [modelId: string, quality: number, ratings: number]> {
    for (const [id, { value }] of this.#predictions.entries)
      yield [id, value, this.#options.book.ratingsOf(id)];
  }
}

interface Ranked extends Prospect {
  /** 0: may be chosen; 1: a last resort; 2: cannot serve now, or hardly. */
  readonly rank: 0 | 1 | 2;
}

/** Those that may be chosen first; among equals, the most useful one first. */
function rank(
  prospects: readonly Prospect[],
  weights: UtilityWeights,
  lastResorts: ReadonlySet<Model> | undefined,
): readonly Ranked[] {
  return prospects
    .map((prospect) => ({
      model: prospect.model,
      candidate: prospect.candidate,
      isReady: prospect.isReady,
      rank: rankOf(prospect, lastResorts),
      utility: utilityOf(prospect.candidate, weights),
    }))
    .toSorted((one, other) => one.rank - other.rank || other.utility - one.utility);
}

function rankOf(
  { model, isReady }: Prospect,
  lastResorts: ReadonlySet<Model> | undefined,
): Ranked['rank'] {
  if (!isReady) return 2;
  return lastResorts?.has(model) === true ? 1 : 0;
}

/** The best few of the first rank that there is, and the conversation's model, if it is one of that rank. */
function shortlisted(
  ranked: readonly Ranked[],
  conversationModel: string | undefined,
): readonly Ranked[] {
  const eligible = ranked.filter((each) => each.rank === ranked[0]?.rank);
  const best = eligible.slice(0, SHORTLIST);
  const kept = eligible.find(({ model }) => model.id === conversationModel);
  return kept === undefined || best.includes(kept) ? best : [...best.slice(0, -1), kept];
}

/** A model can be asked with several keys. It is judged by the first with which it can be asked now. */
function onePerModel(prospects: readonly Prospect[]): readonly Prospect[] {
  if (prospects.every(({ model }) => model.upstream.owner === undefined)) return prospects;
  const byId = new Map<string, Prospect>();
  for (const prospect of prospects) {
    const { id } = prospect.model;
    const known = byId.get(id);
    if (known === undefined || (!known.isReady && prospect.isReady)) byId.set(id, prospect);
  }
  return [...byId.values()];
}

/** The chosen model, then the others; each with all its keys, in the order in which they were given. */
function inOrder(
  { chosen }: Choice,
  ranked: readonly Ranked[],
  models: readonly Model[],
): readonly Model[] {
  const first = ranked.filter(({ model }) => model.id === chosen);
  const others = ranked.filter(({ model }) => model.id !== chosen);
  const ordered = [...first, ...others].map(({ model }) => model);
  return ordered.length === models.length
    ? ordered
    : ordered.flatMap(({ id }) => models.filter((model) => model.id === id));
}
