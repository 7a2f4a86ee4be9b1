/** What others report, or what a prototype measured before this project; shown beside our numbers, never computed. */
export const PUBLISHED = {
  gsm8k: 'length of the prompt .598; prototype .645 ± .012',
  routerDcIn: 'RouterDC 58.54 (fine-tuned mDeBERTa); best single model 54.56; prototype 57.68',
  routerDcOut: 'RouterDC 45.85; best single model 43.95; prototype 46.30',
  routerDcStream: 'random 464, no context 357, prototype 119',
  routerDcPool: 'prototype +.4, +1.1, +1.7 for 10, 30, 100 % rated',
  mmlu: 'RouteLLM .603 (65 k battles and 1,500 labels); prototype .642 ± .012',
  tiers: 'prototype .672 (fast), .744 (balanced), .771 (auto)',
  live: 'prototype .973, random .640 (real models)',
} as const;
