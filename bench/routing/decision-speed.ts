import { picoUsdPerToken } from '@sealgate/contract';
import { completePrice } from '../../apps/gateway/src/customers/billing/index.ts';
import {
  readChatRequest,
  type ChatRequest,
} from '../../apps/gateway/src/inference/chat/chat-request.ts';
import { routingRequestOf } from '../../apps/gateway/src/inference/chat/routing-request.ts';
import {
  ConversationMemory,
  priorOf,
  QualityBook,
  readIntent,
  Router,
  shortlist,
  type Requirements,
} from '../../apps/gateway/src/inference/routing/index.ts';
import { readFeatures } from '../../apps/gateway/src/inference/routing/learning/index.ts';
import {
  DEFAULT_RESILIENCE,
  UpstreamHealth,
  type Catalogue,
  type Model,
} from '../../apps/gateway/src/inference/upstreams/index.ts';
import { catalogueOf, modelOf } from '../../apps/gateway/src/inference/upstreams/testing.ts';
import { pick, randomFrom } from './random.ts';

const WARM_UP = 5_000;
const ROUNDS = 20_000;
const PROMPT_CHARS = 1_000;
const MOST_RATED = 12;
const ASKED = 'nexevo/auto';
const ORGANIZATION = 'org_bench';

export interface DecisionSpeed {
  readonly p50Us: number;
  readonly p99Us: number;
  /** What a model that was rated keeps in memory. */
  readonly bytesPerModel: number;
}

/**
 * Microseconds of a live decision: who of a tier may serve, what the prompt is like, what is known of each model, and the
 * choice. Reading the body as JSON is not in it: every request pays that. Of a big pool only some models have been rated and
 * asked, since only the best four are ever tried out.
 */
export function measureDecision(poolSize: number): DecisionSpeed {
  const random = randomFrom(1);
  const prompts = Array.from({ length: 200 }, () => chatOf(prose(random)));
  const scene = sceneOf(poolSize, prompts, random);
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const request = pick(prompts, random);
    const start = process.hrtime.bigint();
    decide(scene, request);
    if (round >= WARM_UP) times.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  times.sort((a, b) => a - b);
  const [page] = scene.book.pages();
  return {
    p50Us: times[ROUNDS * 0.5] ?? 0,
    p99Us: times[ROUNDS * 0.99] ?? 0,
    bytesPerModel: page ? page.state.weights.byteLength + page.state.evidence.byteLength : 0,
  };
}

interface Scene {
  readonly catalogue: Catalogue;
  readonly router: Router;
  readonly book: QualityBook;
}

function sceneOf(poolSize: number, prompts: readonly ChatRequest[], random: () => number): Scene {
  const models = Array.from({ length: poolSize }, (_, at) => modelAt(at));
  const catalogue = catalogueOf(models);
  const clock = (): number => performance.now();
  const health = new UpstreamHealth({ settings: DEFAULT_RESILIENCE, clock, onEvent: () => {} });
  const book = new QualityBook((modelId) => priorOf(catalogue, modelId));
  const router = new Router({
    book,
    health,
    conversations: new ConversationMemory(),
    onNewVersion: () => {},
    metrics: { decision: () => {} },
    monotonicMs: clock,
    random,
  });
  for (const prompt of prompts) {
    const features = readFeatures(routed(prompt).readPrompt());
    for (const model of models.slice(0, MOST_RATED)) {
      const label = Number(random() < 0.5);
      book.learn(model.id, features, { rating: { label, weight: 1 }, isVote: true });
      const pass = health.enter(model, false);
      if (pass.kind === 'pass') pass.end('success');
      const answer = { isEmpty: false, answeredModel: undefined, conversation: undefined };
      const outputTokens = Math.round(1_000 * random());
      router.noteAnswer({ ...answer, organizationId: ORGANIZATION, model, outputTokens });
    }
  }
  return { catalogue, router, book };
}

const routed = (request: ChatRequest): ReturnType<typeof routingRequestOf> =>
  routingRequestOf(request, { asked: ASKED, organizationId: ORGANIZATION });

function decide({ catalogue, router }: Scene, request: ChatRequest): void {
  const intent = readIntent(ASKED);
  const found = shortlist(catalogue, intent, ANY);
  if (intent.kind !== 'tier' || found.kind === 'none') throw new Error('impossible: no models');
  router.route({ intent, models: found.models, catalogue, request: routed(request) });
}

const ANY: Requirements = {
  waysTo: (model) => [model],
  unlisted: () => undefined,
  capabilities: new Set(['chat']),
  trusts: new Set(['local']),
  allowedModels: undefined,
  regions: new Set(['overseas']),
  dataCollection: 'allow',
  onlyUpstreams: undefined,
  ignoredUpstreams: [],
  isPriced: () => true,
  maxInputPrice: undefined,
  maxOutputPrice: undefined,
  maxTotal: undefined,
};

/** Each of them costs about as much as the others, so that all are worth trying. */
function modelAt(at: number): Model {
  const pico = picoUsdPerToken(BigInt(1_000_000 + at));
  const price = completePrice({ input: pico, output: pico });
  return { ...modelOf({ id: `host-${at}` }), id: `host-${at}/model`, price };
}

const chatOf = (content: string): ChatRequest =>
  readChatRequest(
    JSON.stringify({
      model: ASKED,
      messages: [
        { role: 'system', content: 'x'.repeat(200) },
        { role: 'user', content },
      ],
      max_tokens: 500,
      metadata: { conversation_id: 'a talk that has just begun' },
    }),
  );

function prose(random: () => number): string {
  const letters = Array.from('etaoinshrdlucmfwypvbgk');
  let text = '';
  while (text.length < PROMPT_CHARS) {
    const length = 2 + Math.floor(random() * 8);
    text += `${Array.from({ length }, () => pick(letters, random)).join('')} `;
  }
  return text.slice(0, PROMPT_CHARS);
}
