import type { Role } from '@sealgate/contract';

/** A person who signed in, in the organization that the request is about. */
export interface UserActor {
  readonly kind: 'user';
  readonly userId: string;
  readonly sessionId: string;
  readonly organizationId: string;
  readonly role: Role;
}

/** An API key. It may do what the member who made it may do; one that an operator made, what an owner may. */
export interface KeyActor {
  readonly kind: 'key';
  readonly keyId: string;
  readonly organizationId: string;
  /** `undefined`: no person made it. */
  readonly userId: string | undefined;
  readonly role: Role;
}

/** Whoever acts for an organization. */
export type MemberActor = UserActor | KeyActor;

/** Besides members: who sits at the command line, Sealgate itself, and who has not said who they are. */
export type Actor =
  | MemberActor
  | { readonly kind: 'operator' }
  | { readonly kind: 'system' }
  | { readonly kind: 'anonymous' };

export function idOf(actor: Actor): string | null {
  switch (actor.kind) {
    case 'user':
      return actor.userId;
    case 'key':
      return actor.keyId;
    case 'operator':
    case 'system':
    case 'anonymous':
      return null;
  }
}
