export { createRateLimiter, type RateLimiter, type RateVerdict } from './rate-limiter.ts';
