import type { DecidedOption } from '../../customers/decisions/index.ts';
import { utilityOf, type UtilityWeights } from '../routing/index.ts';
import { first, type Draw } from './draw.ts';

/** Another way of choosing among the options of a logged decision. */
export interface Policy {
  readonly name: string;
  /** The probability of each option, in their order. `undefined`: it has no say here, and the router chooses as it did. */
  readonly shares: (draw: Draw) => readonly number[] | undefined;
}

/** The router as it was. */
export const CURRENT: Policy = { name: 'current', shares: sharesOfLog };

/** How policies are written, and what they do. */
export const POLICY_FORMS = {
  current: 'the router as it was, with its exploration',
  best: 'the router without exploration: the highest utility',
  cheapest: 'the lowest expected cost',
  fastest: 'the lowest expected latency',
  random: 'every option alike',
  'always:MODEL': 'one model wherever it could serve, elsewhere the router',
  'weights:lambda=L,mu=M':
    'the highest utility if a dollar per 1,000 requests counted L, and a second M',
} as const;

const choosing = (name: string, merit: (option: DecidedOption) => number): Policy => ({
  name,
  shares: ({ options }) => sharesOf(options, first(options, merit)),
});

const SIMPLE: readonly Policy[] = [
  CURRENT,
  choosing('best', ({ utility }) => utility),
  choosing('cheapest', ({ usdPer1000 }) => -usdPer1000),
  choosing('fastest', ({ latencyMs }) => -latencyMs),
  { name: 'random', shares: ({ options }) => options.map(() => 1 / options.length) },
];

/** One model; where it was no option, it has no say. */
export const always = (modelId: string): Policy => ({
  name: `always:${modelId}`,
  shares: ({ options }) => {
    const option = options.find(({ model }) => model === modelId);
    return option && sharesOf(options, option);
  },
});

/** `undefined`: there is no such policy. */
export function readPolicy(text: string): Policy | undefined {
  const [, modelId] = /^always:(.+)$/.exec(text) ?? [];
  if (modelId !== undefined) return always(modelId);
  const [, lambda, mu] = /^weights:lambda=(\d+(?:\.\d+)?),mu=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (lambda === undefined || mu === undefined) return SIMPLE.find(({ name }) => name === text);
  return weighing(text, { perUsdPer1000: Number(lambda), perSecond: Number(mu) });
}

const weighing = (name: string, weights: UtilityWeights): Policy =>
  choosing(name, ({ model, ...option }) => utilityOf({ id: model, ...option }, weights));

export function sharesOfLog({ options }: Draw): readonly number[] {
  return options.map(({ probability }) => probability);
}

const sharesOf = (options: readonly DecidedOption[], chosen: DecidedOption): readonly number[] =>
  options.map((option) => (option === chosen ? 1 : 0));
