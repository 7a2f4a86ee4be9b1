import { Sealgate } from '@sealgate/sdk';
import { SecureChatCompletion } from '@sealgate/sdk/secure';

export interface Target {
  readonly url: string;
  readonly key: string;
  readonly model: string;
}

/** What the SDK can do, done once: a whole answer, a stream, a sealed answer, a refusal and a stored conversation. Runs in every runtime. */
export async function callEveryWay({ url, key, model }: Target) {
  const plain = new Sealgate({ baseURL: `${url}/v1`, apiKey: key });
  const sealed = new SecureChatCompletion({ baseUrl: url, apiKey: key, allowHttp: true });
  const messages = [{ role: 'user' as const, content: 'Hello?' }];
  const whole = await plain.chat.completions.create({ model, messages });
  const words: string[] = [];
  for await (const chunk of await plain.chat.completions.create({
    model,
    messages,
    stream: true,
  })) {
    words.push(chunk.choices[0]?.delta.content ?? '');
  }
  const opened = await sealed.create({ model, messages, security_tier: 'high' });
  const refusal = await sealed.create({ model: 'fake/nothing', messages }).catch(String);
  sealed.dispose();
  const conversation = await keepConversation(plain);
  return {
    whole: whole.choices[0]?.message.content,
    generation: whole.nexevo?.generation_id,
    words,
    opened: opened.choices[0]?.message.content,
    metadata: opened._metadata,
    refusal,
    conversation,
  };
}

/** Every method and every kind of answer of the platform: creates, changes, lists, exports and deletes. */
async function keepConversation({ conversations }: Sealgate) {
  const { conversation_id: id } = await conversations.create({ title: 'First' });
  await conversations.appendMessage(id, { role: 'user', content: 'Hello?' });
  await conversations.update(id, { title: 'Second' });
  const titles: (string | null)[] = [];
  for await (const { title } of conversations.list({ limit: 1 })) titles.push(title);
  const file = await conversations.export(id, { format: 'markdown' });
  await conversations.delete(id);
  const gone = await conversations.get(id).catch((error: unknown) => String(error));
  return { titles, isExported: file.includes('Hello?'), gone };
}
