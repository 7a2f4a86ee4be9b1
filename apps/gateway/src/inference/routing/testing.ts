import { QualityBook } from './quality-book.ts';
import { Router, type RouterOptions } from './router.ts';

/** A router that draws the best, of models that nobody has asked or rated; nothing else imports this file. */
export const testRouter = (changes: Partial<RouterOptions> = {}): Router =>
  new Router({
    book: new QualityBook(() => ({ mean: 0.7, worth: 20 })),
    health: { outlookOf: () => ({ isOpen: true, failureRisk: 0, typicalMs: undefined }) },
    onNewVersion: () => {},
    metrics: { decision: () => {} },
    monotonicMs: () => 0,
    random: () => 0,
    ...changes,
  });
