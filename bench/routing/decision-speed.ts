import {
  choose,
  QualityModel,
  readFeatures,
  utilityWeights,
} from '../../apps/gateway/src/inference/routing/learning/index.ts';
import { NO_PRIOR } from './learn-all.ts';
import { pick, randomFrom } from './random.ts';

const WARM_UP = 5_000;
const ROUNDS = 20_000;
const PROMPT_CHARS = 1_000;
const POOL = 4;

/** Microseconds from the text of a prompt to a choice among four models that have learned. */
export function measureDecision(): { readonly p50Us: number; readonly p99Us: number } {
  const random = randomFrom(1);
  const prompts = Array.from({ length: 200 }, () => prose(random));
  const models = Array.from({ length: POOL }, () => QualityModel.fromPrior(NO_PRIOR));
  for (const prompt of prompts)
    for (const model of models)
      model.learn(readFeatures(requestFor(prompt)), { label: Number(random() < 0.5), weight: 1 });
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const prompt = pick(prompts, random);
    const start = process.hrtime.bigint();
    decide(models, prompt, random());
    if (round >= WARM_UP) times.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  times.sort((a, b) => a - b);
  return { p50Us: times[ROUNDS * 0.5] ?? 0, p99Us: times[ROUNDS * 0.99] ?? 0 };
}

function decide(models: readonly QualityModel[], prompt: string, random: number): void {
  const features = readFeatures(requestFor(prompt));
  const candidates = models.map((model, at) => ({
    id: String(at),
    quality: model.predict(features),
    usdPer1000: 1,
    latencyMs: 500,
    ratings: model.lessons,
  }));
  const weights = utilityWeights('auto', undefined);
  choose(candidates, { weights, explore: true, conversationModel: undefined }, random);
}

const requestFor = (text: string): Parameters<typeof readFeatures>[0] => ({
  text,
  hasTools: false,
  hasImages: false,
  systemChars: 200,
  turn: 1,
  maxTokens: 500,
});

function prose(random: () => number): string {
  const letters = Array.from('etaoinshrdlucmfwypvbgk');
  let text = '';
  while (text.length < PROMPT_CHARS) {
    const length = 2 + Math.floor(random() * 8);
    text += `${Array.from({ length }, () => pick(letters, random)).join('')} `;
  }
  return text.slice(0, PROMPT_CHARS);
}
