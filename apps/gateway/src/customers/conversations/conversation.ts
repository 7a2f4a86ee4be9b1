import { and, eq } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import { conversations, type messages } from '../../platform/db/index.ts';

export type Metadata = Readonly<Record<string, unknown>>;

/** Belongs to the organization: whichever member or key of it comes next finds it again. */
export type Conversation = typeof conversations.$inferSelect;

export type Message = typeof messages.$inferSelect;

/** This conversation, if it is one of the actor's organization. */
export const isConversation = ({ organizationId }: MemberActor, id: string) =>
  and(eq(conversations.organizationId, organizationId), eq(conversations.id, id));
