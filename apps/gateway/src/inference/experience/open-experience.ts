import type { Logger } from 'pino';
import { PLACEMENTS_CHANNEL } from '../../customers/decisions/index.ts';
import { FEEDBACK_CHANNEL } from '../../customers/feedback/index.ts';
import type { Clock } from '../../platform/clock.ts';
import { inSystem, subscribe, type Database } from '../../platform/db/index.ts';
import type { ConversationMemory, QualityBook, VersionWatch } from '../routing/index.ts';
import { Learner } from './learner.ts';
import { LESSONS_CHANNEL } from './lesson-log.ts';
import { hearPlacements, readPlacements } from './placements.ts';
import { repeatable } from './repeatable.ts';
import type { Taught } from './teach.ts';
import { readVersions } from './versions.ts';

/** What the router of this process knows, and the others of the same database shall know too. */
export interface Knowledge {
  readonly book: QualityBook;
  readonly conversations: ConversationMemory;
  readonly versions: VersionWatch;
}

export interface ExperienceOptions extends Knowledge {
  readonly database: Pick<Database, 'store' | 'createClient'>;
  readonly clock: Clock;
  readonly onTaught: (taught: Taught) => void;
  readonly log: Pick<Logger, 'warn'>;
  /** Whatever was said while nobody listened is found by then. */
  readonly lookEveryMs?: number;
}

export interface Experience {
  /** A host answers with a version of a model that nobody here has seen. */
  noteVersion(modelId: string, version: string): void;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 5_000;

/** Resolves when this process knows what the others know. */
export async function openExperience(options: ExperienceOptions): Promise<Experience> {
  const experience = new SharedExperience(options);
  await experience.open();
  return experience;
}

class SharedExperience implements Experience {
  readonly #options: ExperienceOptions;
  readonly #learner: Learner;
  readonly #catchUp: () => Promise<void>;
  readonly #teach: () => Promise<void>;
  readonly #running = new Set<Promise<void>>();
  #subscription: ReturnType<typeof subscribe> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isFailing = false;
  #isClosed = false;

  constructor(options: ExperienceOptions) {
    this.#options = options;
    const { database, ...others } = options;
    const learner = new Learner({ ...others, store: database.store });
    this.#learner = learner;
    this.#catchUp = repeatable(() => learner.catchUp());
    this.#teach = repeatable(() => learner.teachDue());
  }

  async open(): Promise<void> {
    const { database, versions, lookEveryMs = LOOK_EVERY_MS } = this.#options;
    await this.#learner.catchUp();
    await inSystem(database, async (transaction) => {
      for (const { modelId, version } of await readVersions(transaction))
        versions.learn(modelId, version);
    });
    this.#subscription = subscribe(database, {
      channel: [FEEDBACK_CHANNEL, LESSONS_CHANNEL, PLACEMENTS_CHANNEL],
      onMessage: (payload, channel) => this.#hear(channel, payload),
      onConnect: () => {
        this.#look(() => this.#readPlacements());
        this.#lookForLessons();
      },
    });
    this.#timer = setInterval(() => this.#lookForLessons(), lookEveryMs).unref();
    await this.#readPlacements();
  }

  noteVersion(modelId: string, version: string): void {
    this.#look(async () => {
      await this.#learner.noteVersion(modelId, version);
      this.#options.versions.learn(modelId, version);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#subscription?.close();
    await Promise.all(this.#running);
  }

  #hear(channel: string, payload: string): void {
    if (channel === PLACEMENTS_CHANNEL) hearPlacements(payload, this.#options.conversations);
    else this.#look(channel === LESSONS_CHANNEL ? this.#catchUp : this.#teach);
  }

  #lookForLessons(): void {
    this.#look(this.#catchUp);
    this.#look(this.#teach);
  }

  #readPlacements(): Promise<void> {
    const { clock, conversations, database } = this.#options;
    return inSystem(database, (transaction) => readPlacements(transaction, conversations, clock()));
  }

  /** Nobody waits for it, and what fails now is tried again. */
  #look(work: () => Promise<void>): void {
    if (this.#isClosed) return;
    const running = work().then(
      () => {
        this.#isFailing = false;
      },
      (error: unknown) => this.#report(error),
    );
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  /** Once per outage, not at every attempt. */
  #report(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#options.log.warn(
      { err: error },
      'routing: nothing can be learned now; votes wait in the database',
    );
  }
}
