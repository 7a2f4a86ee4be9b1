import { hashWord } from './word-hash.ts';

export const CODE = 0;
export const MATHS = 1;
export const WRITING = 2;
export const REASON = 3;
export const TOPICS = 4;

/** Common English words that say what kind of task a prompt is; other languages are told apart by their n-grams. */
const WORDS: readonly (readonly [topic: number, words: string])[] = [
  [
    CODE,
    `def class return import function int void const let var print python javascript java string array null true false
     public static assert`,
  ],
  [
    MATHS,
    `calculate compute solve equation sum product percent total equal equals integer integers fraction probability
     average triangle multiply divide multiple divisor factor factors prime positive area perimeter angle degrees square
     cube root simplify expression evaluate value twice half double ratio each altogether remaining times cost costs per
     cents dollars`,
  ],
  [WRITING, 'write create compose draft essay story poem generate'],
  [REASON, 'why explain describe'],
];

const TOPIC_OF = new Map(
  WORDS.flatMap(([topic, words]) =>
    words.split(/\s+/).map((word): [number, number] => [hashWord(word), topic]),
  ),
);

export function topicOf(wordHash: number): number | undefined {
  return TOPIC_OF.get(wordHash);
}

const HOW = hashWord('how');
const AMOUNTS = new Set([hashWord('many'), hashWord('much')]);

export function asksForAmount(firstHash: number, secondHash: number): boolean {
  return firstHash === HOW && AMOUNTS.has(secondHash);
}
