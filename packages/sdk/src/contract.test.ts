import type * as contract from '@sealgate/contract';
import { describe, expectTypeOf, test } from 'vitest';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  EmbeddingCreateParams,
  Model,
  ModelList,
  Nexevo,
  SealgateFields,
} from './index.ts';

/** Without the index signature of objects that pass unknown fields on. */
type Known<T> = {
  [Key in keyof T as string extends Key ? never : Key]: T[Key];
};

describe('the types, which `npm run types` checks, fit the contract:', () => {
  test('what the server says about an answer', () => {
    expectTypeOf<contract.GenerationFacts>().toExtend<Nexevo>();
    expectTypeOf<keyof Nexevo>().toEqualTypeOf<keyof contract.GenerationFacts>();
    expectTypeOf<contract.ChatCompletion['nexevo']>().toExtend<
      NonNullable<ChatCompletion['nexevo']>
    >();
    expectTypeOf<contract.ChatCompletionChunk['nexevo']>().toExtend<
      ChatCompletionChunk['nexevo']
    >();
  });

  test('what the server says about a model', () => {
    expectTypeOf<contract.Model>().toExtend<Model>();
    expectTypeOf<contract.ModelList>().toExtend<ModelList>();
  });

  test('Sealgate’s own fields of a chat request', () => {
    type Own = Pick<Known<contract.ChatRequest>, 'models' | 'max_price' | 'provider'>;
    expectTypeOf<keyof SealgateFields>().toEqualTypeOf<keyof Own>();
  });

  test('an embeddings request', () => {
    expectTypeOf<keyof EmbeddingCreateParams>().toEqualTypeOf<
      keyof Known<contract.EmbeddingsRequest>
    >();
  });
});
