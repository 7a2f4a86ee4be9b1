import { hash } from 'node:crypto';
import type { Model } from '../upstreams/index.ts';

/** Answers in a row that must name a new version before it is believed: hosts that roll out speak with two voices. */
const ANSWERS_TO_BELIEVE = 20;

interface Sighting {
  current: string | undefined;
  rival: string | undefined;
  rivalAnswers: number;
  isTold: boolean;
}

/**
 * Notices when a host answers with another version of a model: it names another one in its answers, or the catalogue maps
 * the model to another name. `system_fingerprint` is left alone: it also changes with the host's machines.
 */
export class VersionWatch {
  readonly #known = new Map<string, Set<string>>();
  readonly #sightings = new Map<string, Sighting>();

  /** The hash of a version that nobody here has seen before, once there is no doubt; else `undefined`. */
  note({ id, upstreamModel }: Model, answered: string | undefined): string | undefined {
    const name = answered === undefined ? upstreamModel : `${upstreamModel}\n${answered}`;
    const sighting = this.#sightings.get(id) ?? this.#begin(id);
    if (name === sighting.current) {
      sighting.rivalAnswers = 0;
      return undefined;
    }
    if (name !== sighting.rival) {
      sighting.rival = name;
      sighting.rivalAnswers = 0;
    }
    sighting.rivalAnswers += 1;
    const isFirst = !sighting.isTold && !this.#known.has(id);
    if (!isFirst && sighting.rivalAnswers < ANSWERS_TO_BELIEVE) return undefined;
    return this.#believe(id, sighting, name);
  }

  /** It is known to all gateways now. */
  learn(modelId: string, version: string): void {
    const known = this.#known.get(modelId) ?? new Set();
    this.#known.set(modelId, known.add(version));
  }

  /** A version is new once only: a host that goes back to an old one, or gateways that disagree, change nothing. */
  #believe(id: string, sighting: Sighting, name: string): string | undefined {
    sighting.rivalAnswers = 0;
    sighting.isTold = true;
    const version = hash('sha256', name, 'base64url').slice(0, 16);
    if (this.#known.get(id)?.has(version) !== true) return version;
    sighting.current = name;
    return undefined;
  }

  #begin(id: string): Sighting {
    const sighting = { current: undefined, rival: undefined, rivalAnswers: 0, isTold: false };
    this.#sightings.set(id, sighting);
    return sighting;
  }
}
