import { expect, test } from 'vitest';
import { createCallerAddress } from './caller-address.ts';

test('without trusted proxies the header is not believed', () => {
  const callerAddress = createCallerAddress([]);
  expect(callerAddress('10.0.0.1', '1.2.3.4')).toBe('10.0.0.1');
});

test('the first address from the right that is not a trusted proxy is the caller', () => {
  const callerAddress = createCallerAddress(['10.0.0.0/8', '2001:db8::1']);
  expect(callerAddress('::ffff:10.0.0.1', '6.6.6.6, 1.2.3.4, 10.9.9.9')).toBe('1.2.3.4');
  expect(callerAddress('2001:db8::1', '1.2.3.4')).toBe('1.2.3.4');
  expect(callerAddress('8.8.8.8', '1.2.3.4')).toBe('8.8.8.8');
});

test('nonsense in the header leaves the last known address', () => {
  const callerAddress = createCallerAddress(['10.0.0.0/8']);
  expect(callerAddress('10.0.0.1', 'unknown')).toBe('10.0.0.1');
  expect(callerAddress('10.0.0.1', '')).toBe('10.0.0.1');
});
