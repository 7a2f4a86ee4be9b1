import { describe, expect, test } from 'vitest';
import { readChatRequest } from './chat-request.ts';
import { routingRequestOf } from './routing-request.ts';

const about = (body: object, asked = 'nexevo/auto', organizationId = 'org_1') =>
  routingRequestOf(readChatRequest(JSON.stringify({ model: asked, ...body })), {
    asked,
    organizationId,
  });
const promptOf = (body: object) => about(body).readPrompt();

const user = (content: unknown) => ({ role: 'user', content });

describe('of a chat the router reads', () => {
  test('the last turn of the user, and counts of the rest', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'developer', content: [{ type: 'text', text: 'And kind.' }] },
      user('Hello!'),
      { role: 'assistant', content: 'Hi! How are you?' },
      user('What is 12 + 30?'),
      { role: 'tool', tool_call_id: 'c', content: '42' },
    ];
    expect(promptOf({ messages, max_tokens: 7 })).toEqual({
      text: 'What is 12 + 30?',
      hasTools: false,
      hasImages: false,
      systemChars: 18,
      turn: 2,
      maxTokens: 7,
    });
  });

  test('the texts among images, and that there are images and tools', () => {
    const parts = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'text', text: 'And that?' },
    ];
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(promptOf({ messages: [user(parts)], tools })).toMatchObject({
      text: 'What is this?\nAnd that?',
      hasTools: true,
      hasImages: true,
    });
  });

  test.each<[string, readonly object[]]>([
    ['no turn of the user', [{ role: 'assistant', content: 'Hi' }]],
    ['no content', [{ role: 'user' }]],
    ['content that is nothing of OpenAI’s', [user({ text: 'x' }), { role: 'system', content: 7 }]],
    ['parts that are none', [user([null, 7, 'x', { text: 7 }])]],
  ])('an empty text where there is %s', (_what, messages) => {
    expect(promptOf({ messages }).text.trim()).toBe('');
  });

  test('about how many tokens it has, and how many it may become', () => {
    const messages = [user('x'.repeat(4_000))];
    const { inputTokens, maxOutputTokens, choiceCount } = about({ messages, max_tokens: 50, n: 3 });
    expect(inputTokens).toBeGreaterThan(1_000);
    expect(inputTokens).toBeLessThan(1_050);
    expect([maxOutputTokens, choiceCount]).toEqual([150, 3]);
    const image = { type: 'image_url', image_url: { url: `data:,${'x'.repeat(100_000)}` } };
    expect(about({ messages: [user([image])] }).inputTokens).toBeLessThan(1_000);
  });
});

describe('a conversation', () => {
  const messages = [user('Hi')];
  const talk = { messages, metadata: { conversation_id: 'conv_1' } };

  test('is known by a hash that nobody else’s conversation has, nor the same one at another tier', () => {
    const hashes = [
      about(talk),
      about(talk, 'nexevo/fast'),
      about(talk, 'nexevo/auto', 'org_2'),
      about({ messages, metadata: { conversation_id: 'conv_2' } }),
    ].map(({ conversation }) => conversation);
    expect(new Set(hashes).size).toBe(4);
    for (const hash of hashes) expect(hash).toMatch(/^[\w-]{16}$/);
    expect(about(talk).conversation).toBe(hashes[0]);
  });

  test.each([{}, { metadata: {} }, { metadata: null }, { metadata: { conversation_id: '' } }])(
    'is none without a name: %j',
    (fields) => {
      expect(about({ messages, ...fields }).conversation).toBeUndefined();
    },
  );
});
