import type * as contract from '@sealgate/contract';
import { describe, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type {
  AuditEntry,
  ChatCompletion,
  ChatCompletionChunk,
  CreatedOrganization,
  EmbeddingCreateParams,
  Invitation,
  List,
  Member,
  Model,
  ModelList,
  NewInvitation,
  NewOrganization,
  Nexevo,
  Organization,
  OrganizationChange,
  OwnershipTransfer,
  RoleChange,
  SealgateFields,
} from './index.ts';

/** Without the index signature of objects that pass unknown fields on. */
type Known<T> = {
  [Key in keyof T as string extends Key ? never : Key]: T[Key];
};

/** What a caller writes may be as constant as it likes. */
type Written<T> = T extends readonly (infer Item)[]
  ? readonly Written<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Written<T[Key]> }
    : T;

type Request<Schema extends z.ZodType> = Written<z.input<Schema>>;

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

  test('organizations', () => {
    expectTypeOf<Organization>().toEqualTypeOf<contract.Organization>();
    expectTypeOf<CreatedOrganization>().toEqualTypeOf<contract.CreatedOrganization>();
    expectTypeOf<List<Organization>>().toEqualTypeOf<contract.OrganizationList>();
    expectTypeOf<NewOrganization>().toEqualTypeOf<Request<typeof contract.NewOrganization>>();
    expectTypeOf<OrganizationChange>().toEqualTypeOf<Request<typeof contract.OrganizationChange>>();
    expectTypeOf<OwnershipTransfer>().toEqualTypeOf<Request<typeof contract.OwnershipTransfer>>();
    expectTypeOf<List<Member>>().toEqualTypeOf<contract.MemberList>();
    expectTypeOf<RoleChange>().toEqualTypeOf<Request<typeof contract.RoleChange>>();
    expectTypeOf<NewInvitation>().toEqualTypeOf<Request<typeof contract.NewInvitation>>();
    expectTypeOf<List<Invitation>>().toEqualTypeOf<contract.InvitationList>();
    expectTypeOf<List<AuditEntry>>().toEqualTypeOf<contract.AuditLog>();
  });
});
