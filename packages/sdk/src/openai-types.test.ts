import type OpenAI from 'openai';
import { describe, expectTypeOf, test } from 'vitest';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParams,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
  EmbeddingCreateParams,
  EmbeddingList,
  Model,
  Sealgate,
  Stream,
} from './index.ts';

type Theirs = OpenAI.ChatCompletionCreateParams;

describe('the types, which `npm run types` checks, fit those of the openai package:', () => {
  test('every body written for it is a body for us', () => {
    expectTypeOf<Theirs>().toExtend<ChatCompletionCreateParams>();
    expectTypeOf<OpenAI.ChatCompletionCreateParamsNonStreaming>().toExtend<ChatCompletionCreateParamsNonStreaming>();
    expectTypeOf<OpenAI.ChatCompletionCreateParamsStreaming>().toExtend<ChatCompletionCreateParamsStreaming>();
    expectTypeOf<OpenAI.EmbeddingCreateParams>().toExtend<EmbeddingCreateParams>();
    expectTypeOf<keyof OpenAI.ChatCompletionCreateParams>().toExtend<
      keyof ChatCompletionCreateParams
    >();
  });

  test('every answer of ours is one that code written for it can take', () => {
    expectTypeOf<ChatCompletion>().toExtend<OpenAI.ChatCompletion>();
    expectTypeOf<ChatCompletionChunk>().toExtend<OpenAI.ChatCompletionChunk>();
    expectTypeOf<Model>().toExtend<OpenAI.Model>();
    expectTypeOf<EmbeddingList['usage']>().toExtend<OpenAI.CreateEmbeddingResponse['usage']>();
  });

  test('`stream` decides the kind of answer', () => {
    const ask = (client: Sealgate) => ({
      whole: client.chat.completions.create({ model: 'm', messages: [] }),
      chunks: client.chat.completions.create({ model: 'm', messages: [], stream: true }),
    });
    type Asked = ReturnType<typeof ask>;
    expectTypeOf<Awaited<Asked['whole']>>().toEqualTypeOf<ChatCompletion>();
    expectTypeOf<Awaited<Asked['chunks']>>().toEqualTypeOf<Stream<ChatCompletionChunk>>();
  });

  test('what is wrong does not compile', () => {
    // @ts-expect-error -- no messages
    expectTypeOf({ model: 'm' }).toExtend<ChatCompletionCreateParams>();
    // @ts-expect-error -- no such role
    expectTypeOf({ model: 'm', messages: [{ role: 'boss', content: '' }] }).toExtend<Theirs>();
  });
});
