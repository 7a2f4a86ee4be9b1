import { expect, test } from 'vitest';
import { ACTIONS, mayDo, type Action } from './roles.ts';

const everybody: readonly Action[] = [
  'models.use',
  'conversations.use',
  'feedback.give',
  'usage.read',
  'members.list',
  'organization.read',
  'keys.use',
];
const fromAdmin: readonly Action[] = [
  'keys.manage',
  'developers.manage',
  'audit.read',
  'organization.update',
  'alerts.manage',
  'billing.manage',
];
const ownerOnly: readonly Action[] = [
  'admins.manage',
  'organization.transfer',
  'organization.delete',
];
const all = Object.keys(ACTIONS) as Action[];

test.each([
  ['developer', everybody],
  ['admin', [...everybody, ...fromAdmin]],
  ['owner', [...everybody, ...fromAdmin, ...ownerOnly]],
] as const)('the role %s may do exactly what the table of roles gives it', (role, allowed) => {
  expect(all.filter((action) => mayDo(role, action)).sort()).toEqual([...allowed].sort());
});
