import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import type { LoggedDecision } from '../../customers/decisions/index.ts';
import { drawOf, type Draw } from './draw.ts';
import { wilson, type Estimate } from './estimate.ts';
import { always, CURRENT } from './policy.ts';
import { Replay, type Replayed } from './replay.ts';

/** What people said about some answers, and what those cost. */
export interface TrackRecord {
  /** Decisions after which there was an answer. */
  readonly decisions: number;
  readonly votes: number;
  readonly good: number;
  /** `undefined`: nobody voted. */
  readonly winRate: Estimate | undefined;
  /** Conversations in which the very same was asked again. */
  readonly regenerated: number;
  readonly costNano: NanoUsd;
  /** What answers with a vote cost, per good one; `undefined`: none was good. */
  readonly costPerSolvedNano: NanoUsd | undefined;
}

export interface ModelInsight extends TrackRecord {
  readonly model: string;
  /** Of the tier’s answers. */
  readonly trafficShare: number;
  /** The win rate that the router expected where there are votes; `undefined`: it has never chosen it, or nobody voted. */
  readonly expectedWinRate: number | undefined;
}

export interface Exploration {
  /** Decisions in which anything but the best could be drawn. */
  readonly decisions: number;
  /** In which it was. */
  readonly explored: number;
  /** Expected: good answers, money and time counted together as the tier weighs them. */
  readonly utilityLost: number;
  /** Expected; below zero where cheaper models were tried. */
  readonly extraUsd: number;
}

export interface TierInsight extends TrackRecord {
  readonly tier: LoggedDecision['tier'];
  /** Nobody served. */
  readonly failed: number;
  /** Another model than the chosen one answered. */
  readonly fallbacks: number;
  /** The one with the most traffic first. */
  readonly models: readonly ModelInsight[];
  readonly exploration: Exploration;
  /** The router as it was, then each model for everything. */
  readonly policies: readonly Replayed[];
}

/** Counts decisions of one tier. */
export class TierTally {
  readonly #tier: LoggedDecision['tier'];
  readonly #all = new TrackTally();
  readonly #models = new Map<string, TrackTally>();
  readonly #current = new Replay(CURRENT);
  readonly #always = new Map<string, Replay>();
  readonly #exploration = { decisions: 0, explored: 0, utilityLost: 0, extraUsd: 0 };
  #failed = 0;
  #fallbacks = 0;

  constructor(tier: LoggedDecision['tier']) {
    this.#tier = tier;
  }

  note(decision: LoggedDecision): void {
    const { modelUsed, chosen } = decision;
    if (modelUsed === undefined) this.#failed += 1;
    else {
      if (modelUsed !== chosen) this.#fallbacks += 1;
      this.#all.note(decision);
      const own = this.#models.get(modelUsed) ?? new TrackTally();
      this.#models.set(modelUsed, own);
      own.note(decision);
    }
    const draw = drawOf(decision);
    if (draw !== undefined) this.#noteDraw(draw);
  }

  report(): TierInsight {
    const all = this.#all.report();
    const models = [...this.#models].map(([model, tally]) =>
      modelInsight(model, tally, all.decisions),
    );
    return {
      tier: this.#tier,
      ...all,
      failed: this.#failed,
      fallbacks: this.#fallbacks,
      models: models.toSorted(
        (one, other) => other.decisions - one.decisions || (one.model < other.model ? -1 : 1),
      ),
      exploration: this.#exploration,
      policies: [
        this.#current.report(),
        ...[...this.#always]
          .toSorted(([one], [other]) => (one < other ? -1 : 1))
          .map(([, replay]) => replay.report()),
      ],
    };
  }

  #noteDraw(draw: Draw): void {
    const { options, best, chosen } = draw;
    for (const { model } of options) {
      // Until now the model was nowhere an option: always choosing it has been the same as doing nothing.
      if (!this.#always.has(model)) this.#always.set(model, this.#current.copyFor(always(model)));
    }
    this.#current.note(draw);
    for (const replay of this.#always.values()) replay.note(draw);
    const exploration = this.#exploration;
    exploration.decisions += 1;
    if (chosen !== best) exploration.explored += 1;
    for (const { probability, utility, usdPer1000 } of options) {
      exploration.utilityLost += probability * (best.utility - utility);
      exploration.extraUsd += (probability * (usdPer1000 - best.usdPer1000)) / 1_000;
    }
  }
}

const modelInsight = (model: string, tally: TrackTally, decisions: number): ModelInsight => ({
  model,
  ...tally.report(),
  trafficShare: tally.decisions / decisions,
  expectedWinRate: tally.expectedWinRate,
});

class TrackTally {
  decisions = 0;
  #votes = 0;
  #good = 0;
  #regenerated = 0;
  #cost = 0n;
  #ratedCost = 0n;
  #expected = 0;
  #expectations = 0;

  note({ rating, signal, costNano = nanoUsd(0n), ...decision }: LoggedDecision): void {
    this.decisions += 1;
    this.#cost += costNano;
    if (signal === 'regenerated') this.#regenerated += 1;
    if (rating === undefined) return;
    this.#votes += 1;
    this.#ratedCost += costNano;
    if (rating === 1) this.#good += 1;
    const { options, chosen, modelUsed } = decision;
    const option = options.find(({ model }) => model === chosen);
    if (option === undefined || modelUsed !== chosen) return;
    this.#expected += option.quality;
    this.#expectations += 1;
  }

  get expectedWinRate(): number | undefined {
    return this.#expectations === 0 ? undefined : this.#expected / this.#expectations;
  }

  report(): TrackRecord {
    const votes = this.#votes;
    const good = this.#good;
    return {
      decisions: this.decisions,
      votes,
      good,
      winRate: votes === 0 ? undefined : wilson(good / votes, votes),
      regenerated: this.#regenerated,
      costNano: nanoUsd(this.#cost),
      costPerSolvedNano: good === 0 ? undefined : divide(this.#ratedCost, BigInt(good)),
    };
  }
}

/** To the nearest nano-dollar. */
const divide = (cost: bigint, count: bigint): NanoUsd =>
  nanoUsd((2n * cost + count) / (2n * count));
