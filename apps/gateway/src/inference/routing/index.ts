export { regionsOf } from './geo-policy.ts';
export { readIntent, TIER_MODEL_IDS, type Intent, type Preference } from './intent.ts';
export { shortlist, type Misfit, type Requirements, type Shortlist } from './shortlist.ts';
