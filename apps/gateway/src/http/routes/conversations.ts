import { ENDPOINTS } from '@sealgate/contract';
import {
  appendMessage,
  createConversation,
  deleteConversation,
  exportConversation,
  listConversations,
  listMessages,
  retrieveConversation,
  searchConversations,
  updateConversation,
} from '../../customers/conversations/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';
import { printFile } from './conversation-file.ts';
import { printConversation, printMessage } from './print-conversation.ts';

export function addConversationRoutes(addRoute: AddRoute): void {
  addRoute(ENDPOINTS.createConversation, async (ctx, { body }) =>
    printConversation(await createConversation(ctx, body)),
  );
  addRoute(ENDPOINTS.listConversations, async (ctx, { query: { q: text, ...page } }) =>
    printList(
      await (text === undefined
        ? listConversations(ctx, page)
        : searchConversations(ctx, { ...page, text })),
      printConversation,
    ),
  );
  addRoute(ENDPOINTS.retrieveConversation, async (ctx, { params }) => {
    const { conversation, messages } = await retrieveConversation(ctx, params.conversation_id);
    return { ...printConversation(conversation), messages: printList(messages, printMessage) };
  });
  addRoute(ENDPOINTS.updateConversation, async (ctx, { params, body }) =>
    printConversation(
      await updateConversation(ctx, { conversationId: params.conversation_id, ...body }),
    ),
  );
  addRoute(ENDPOINTS.deleteConversation, (ctx, { params }) =>
    deleteConversation(ctx, params.conversation_id),
  );
  addMessageRoutes(addRoute);
}

function addMessageRoutes(addRoute: AddRoute): void {
  addRoute(ENDPOINTS.appendMessage, async (ctx, { params, body }) =>
    printMessage(await appendMessage(ctx, { conversationId: params.conversation_id, ...body })),
  );
  addRoute(ENDPOINTS.listMessages, async (ctx, { params, query }) =>
    printList(
      await listMessages(ctx, { conversationId: params.conversation_id, ...query }),
      printMessage,
    ),
  );
  addRoute(ENDPOINTS.exportConversation, async (ctx, { params, query }) =>
    printFile(query.format, await exportConversation(ctx, params.conversation_id)),
  );
}
