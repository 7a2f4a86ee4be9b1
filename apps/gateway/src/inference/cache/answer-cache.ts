import { subscribe } from '../../platform/db/index.ts';
import type { CacheableRequest } from './cacheable-request.ts';
import { Lookups } from './lookups.ts';
import { Memory } from './memory.ts';
import { RecordingRoom, type Recording } from './recording.ts';
import type { CacheServices } from './services.ts';
import { Visit } from './visit.ts';
import { Writer } from './writer.ts';

/** Answers of models, to be given again to requests that want the same. */
export interface AnswerCache {
  /** One request's dealings with the cache. */
  visit(request: CacheableRequest): Visit;
  /** For a stream that may be kept; to be ended in any case. */
  record(): Recording;
  /** Resolves when what was kept before is in the database, or lost. */
  flush(): Promise<void>;
  memoryBytes(): number;
  close(): Promise<void>;
}

/** Of the SQL function `forget_cached_answers`. */
const CHANNEL = 'cached_answers_forgotten';

export function openAnswerCache(services: CacheServices): AnswerCache {
  const memory = new Memory(services.settings.memoryBytes);
  const writer = new Writer(services);
  const lookups = new Lookups(services);
  const recordings = new RecordingRoom();
  const forgetting = subscribe(services.database, {
    channel: CHANNEL,
    onMessage: (organizationId) => {
      memory.forget(organizationId);
      writer.forget(organizationId);
    },
    onConnect: () => memory.open(),
  });
  return {
    visit: (request) => new Visit({ ...services, memory, writer, lookups }, request),
    record: () => recordings.open(),
    flush: () => writer.flush(),
    memoryBytes: () => memory.bytes + recordings.bytes,
    close: async () => {
      await forgetting.close();
      await writer.flush();
      await services.embedder?.close();
    },
  };
}
