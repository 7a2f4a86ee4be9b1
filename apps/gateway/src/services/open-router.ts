import { openExperience, type Experience } from '../inference/experience/index.ts';
import {
  ConversationMemory,
  priorOf,
  QualityBook,
  Router,
  VersionWatch,
} from '../inference/routing/index.ts';
import type { LiveCatalogue, UpstreamHealth } from '../inference/upstreams/index.ts';
import { lessonObserver, routerMetrics } from '../observation.ts';
import { systemClock } from '../platform/clock.ts';
import type { Database } from '../platform/db/index.ts';
import type { Log, Metrics } from '../platform/telemetry/index.ts';
import type { OnClose } from './on-close.ts';

interface Parts {
  readonly database: Database;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly catalogue: LiveCatalogue;
  readonly health: UpstreamHealth;
}

/** Who chooses the models of tiers. Resolves when it knows what the gateways of this database have learned. */
export async function openRouter(
  { database, log, metrics, catalogue, health }: Parts,
  onClose: OnClose,
): Promise<Router> {
  const knowledge = {
    book: new QualityBook((modelId) => priorOf(catalogue.current(), modelId)),
    conversations: new ConversationMemory(),
    versions: new VersionWatch(),
  };
  const experience: Experience = await openExperience({
    ...knowledge,
    database,
    clock: systemClock,
    onTaught: lessonObserver(log, metrics),
    log,
  });
  onClose(() => experience.close());
  const router = new Router({
    ...knowledge,
    health,
    onNewVersion: (modelId, version) => experience.noteVersion(modelId, version),
    metrics: routerMetrics(metrics),
    monotonicMs: () => performance.now(),
    random: Math.random,
  });
  metrics.watchRouter(router);
  return router;
}
