import { expect, test } from 'vitest';
import { POLICY_FORMS, readPolicy } from './policy.ts';

test('every form that help shows can be read, and is called what was written', () => {
  for (const form of Object.keys(POLICY_FORMS)) {
    const written = form
      .replace('MODEL', 'openai/gpt-4o:free')
      .replace('L', '0.06')
      .replace('M', '12');
    expect(readPolicy(written)?.name).toBe(written);
  }
});

test.each([
  '',
  'Best',
  'always:',
  'weights:lambda=1',
  'weights:lambda=-1,mu=0',
  'weights:lambda=1,mu=x',
])('"%s" is no policy', (text) => {
  expect(readPolicy(text)).toBeUndefined();
});
