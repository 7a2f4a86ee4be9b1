import type { Endpoint } from '@sealgate/contract';
import type { z } from 'zod';
import type { Actor, KeyActor, MemberActor, UserActor } from '../../platform/actor.ts';
import type { SessionCookies } from './session-cookies.ts';

/** Who acts, by the row's `caller`. */
export type ActorOf<Row extends Endpoint> = {
  readonly key: KeyActor;
  readonly session: UserActor;
  readonly member: MemberActor;
  readonly operator: Extract<Actor, { kind: 'operator' }>;
  readonly anyone: Extract<Actor, { kind: 'anonymous' }>;
}[Row['caller']];

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

type RequestOf<Row extends Endpoint> = Row extends { readonly request: infer Request }
  ? Request
  : object;

/** What the row's schemas make of the request. */
export interface InputOf<Row extends Endpoint> {
  readonly params: RequestOf<Row> extends { readonly params: infer Schema }
    ? Parsed<Schema>
    : undefined;
  readonly query: RequestOf<Row> extends { readonly query: infer Schema }
    ? Parsed<Schema>
    : undefined;
  readonly body: RequestOf<Row> extends { readonly body: { 'application/json': infer Schema } }
    ? Parsed<Schema>
    : undefined;
  /** As the caller sent them, for what no row describes, e.g. `user-agent`. */
  readonly header: (name: string) => string | undefined;
  /** Throws 403 when a page of another site may have caused the request. */
  readonly openCookies: () => SessionCookies;
}

/** Every answer that the row promises, by status and content type. `204` has no body. */
type AnswersOf<Row extends Endpoint> = {
  [Status in keyof Row['answers'] & number]: keyof Row['answers'][Status]['content'] extends never
    ? { readonly status: Status; readonly headers?: ExtraHeaders }
    : {
        [Type in keyof Row['answers'][Status]['content'] & string]: {
          readonly status: Status;
          readonly contentType: Type;
          readonly body: Type extends 'application/pdf'
            ? Uint8Array
            : z.input<Extract<Row['answers'][Status]['content'][Type], z.ZodType>>;
          readonly headers?: ExtraHeaders;
        };
      }[keyof Row['answers'][Status]['content'] & string];
}[keyof Row['answers'] & number];

type ExtraHeaders = Readonly<Record<string, string>>;

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never;

/** A row with one kind of answer is answered with its body alone. */
export type AnswerOf<Row extends Endpoint> =
  IsUnion<AnswersOf<Row>> extends false
    ? AnswersOf<Row> extends { readonly contentType: 'application/json'; readonly body: infer Body }
      ? Body
      : AnswersOf<Row> extends { readonly contentType: string }
        ? AnswersOf<Row>
        : void
    : AnswersOf<Row> | Streamed<AnswersOf<Row>>;

/** Too large to be held: told piece by piece, past the row's schema. */
interface Streamed<Answer extends { readonly status: number }> {
  readonly status: Answer['status'];
  readonly contentType: Extract<Answer, { readonly contentType: string }>['contentType'];
  readonly body: AsyncIterable<string>;
  readonly headers?: ExtraHeaders;
}

/** An answer in full, as it is printed. */
export interface FullAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly headers?: ExtraHeaders;
}
