import { Sealgate } from '@sealgate/sdk';

const { SEALGATE_URL = 'http://127.0.0.1:8787', SEALGATE_API_KEY } = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const conversation = await client.conversations.create({ title: 'My Session' });
await client.conversations.appendMessage(conversation.conversation_id, {
  role: 'user',
  content: 'Hello!',
});
const allConversations = await client.conversations.list({ limit: 20 });
const detail = await client.conversations.get(conversation.conversation_id);

console.log(`${allConversations.data.length} on the first page of conversations.`);
console.log(`${detail.title}: ${detail.messages.data[0]?.content}`);
