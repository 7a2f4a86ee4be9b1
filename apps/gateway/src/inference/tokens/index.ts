export { createTokenCounter, type TokenCounter } from './token-counter.ts';
