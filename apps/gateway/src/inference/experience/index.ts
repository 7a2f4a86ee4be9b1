export { forgetExperience } from './forget-experience.ts';
export { openExperience, type Experience, type Knowledge } from './open-experience.ts';
export type { Taught } from './teach.ts';
