import { expect } from 'vitest';

/** What `callEveryWay` has seen, in any runtime. */
export const EXPECTED = {
  whole: 'Hello, world!',
  generation: expect.stringMatching(/^gen_/),
  words: expect.arrayContaining(['Hello, ', 'world!']),
  opened: 'Hello, world!',
  metadata: expect.objectContaining({ is_encrypted: true, security_tier: 'high' }),
  refusal: expect.stringContaining('This model does not exist'),
  conversation: {
    titles: ['Second'],
    isExported: true,
    gone: 'NotFoundError: There is nothing here.',
  },
};
