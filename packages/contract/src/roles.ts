/** From the least to the most powerful. */
export const ROLES = ['developer', 'admin', 'owner'] as const;

export type Role = (typeof ROLES)[number];

/** The least role that may do it. Every higher one may too. */
export const ACTIONS = {
  'models.use': 'developer',
  'conversations.use': 'developer',
  'feedback.give': 'developer',
  'usage.read': 'developer',
  'members.list': 'developer',
  'organization.read': 'developer',
  'keys.use': 'developer',
  'keys.manage': 'admin',
  'developers.manage': 'admin',
  'audit.read': 'admin',
  'organization.update': 'admin',
  'alerts.manage': 'admin',
  'billing.manage': 'admin',
  'admins.manage': 'owner',
  'organization.transfer': 'owner',
  'organization.delete': 'owner',
} as const satisfies Record<string, Role>;

/**
 * `keys.use`: create keys, edit and revoke one's own. `keys.manage`: anybody's, and their caps. `developers.manage`,
 * `admins.manage`: invite and remove them, change who is one. `alerts.manage`: where those of the organization go.
 * `billing.manage`: top up, plan, invoices, provider keys.
 */
export type Action = keyof typeof ACTIONS;

export function mayDo(role: Role, action: Action): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(ACTIONS[action]);
}

export function outranks(role: Role, other: Role): boolean {
  return ROLES.indexOf(role) > ROLES.indexOf(other);
}
