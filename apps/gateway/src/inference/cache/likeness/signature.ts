/** Longer texts say too much for one vector. */
const MAX_CHARACTERS = 1_000;
/** Around a single word everything depends on the scaffold: "what is in the box", "what is the box". */
const MIN_TELLING_WORDS = 2;
const WORD = /[\p{L}\p{N}]+(?:[.,:'/_-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}.,;:!?'"()[\]{}]/gu;
const QUOTED = /"[^"]*"|«[^»]*»|„[^“"]*[“"]|(?<![\p{L}\p{N}])'[^']+'(?![\p{L}\p{N}])/gu;

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** What a question is made of whatever it is about. Nothing that turns a meaning round may stand here. */
const SCAFFOLD = setOf(
  'a an the this that these those it its is are am be been being do does doing have has having i me my mine we us our ours ' +
    'you your yours to of in on at by for with as and then there here what which can could would should please tell give ' +
    'show explain describe define help understand know want need like let get got getting way ways possible really just ' +
    "also too very some any 's 're 've 'll 'd 'm how hello hi hey thanks thank",
);
const OPENING = setOf(
  'how what which explain describe define tell give show list name write summarize summarise translate',
);
const ASKING =
  /^(?:is|are|am|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)$/;
/** "Could you tell me …" asks for no yes and no no. */
const POLITE =
  /^(?:can|could|would|will) you (?:please )?(?:tell|explain|describe|give|show|help|list|name|write)\b/;

/**
 * What a text must have in common with another, to the letter and in the same order, before their vectors are compared at
 * all: numbers, signs, quotations, negations, the kind of question, and every word that is not scaffold. Vectors tell 12
 * from 13, France from Germany and "enable" from "disable" badly; this tells them apart for certain. `undefined`: the text
 * is too long, holds code, or says too little by itself.
 */
export function signatureOf(text: string): string | undefined {
  if (text.length > MAX_CHARACTERS || text.includes('`')) return undefined;
  const plain = text.normalize('NFKC').replace(/[‘’]/g, "'").replace(/[“”]/g, '"');
  const quoted = plain.match(QUOTED) ?? [];
  const words = (plain.toLowerCase().match(WORD) ?? []).flatMap(partsOf);
  const telling = words.filter((word) => !SCAFFOLD.has(word)).map(stemOf);
  const named = telling.filter((word) => /\p{L}/u.test(word));
  if (named.length < MIN_TELLING_WORDS) return undefined;
  return JSON.stringify([quoted, kindOf(words), telling]);
}

/** `don't` is two words, and so is `sister's`. */
function partsOf(word: string): readonly string[] {
  const negated = /^(.+)n't$/.exec(word)?.[1];
  if (negated !== undefined) return [negated === 'ca' ? 'can' : negated, 'not'];
  const [, stem, ending] = /^(.+)('(?:s|re|ve|ll|d|m))$/.exec(word) ?? [];
  return stem === undefined || ending === undefined ? [word] : [stem, ending];
}

/** "Do vaccines work?" and "How do vaccines work?" want different answers. */
function kindOf(words: readonly string[]): 'yes or no' | 'open' {
  const [first = ''] = words;
  if (POLITE.test(words.join(' '))) return 'open';
  if (words.some((word) => OPENING.has(word) || /^(?:who|whose|when|where|why)$/.test(word))) {
    return 'open';
  }
  return ASKING.test(first) ? 'yes or no' : 'open';
}

/** The same word in the singular and the plural. Short ones are left alone: `news` is no plural of `new`. */
function stemOf(word: string): string {
  if (!/^[a-z]{5,}$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return /(?:[^siu]s|(?:s|x|z|ch|sh)es)$/.test(word)
    ? word.replace(/(?<=s|x|z|ch|sh)es$|s$/, '')
    : word;
}
