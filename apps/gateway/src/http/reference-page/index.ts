export { REFERENCE_HEADERS, referencePage } from './page.ts';
