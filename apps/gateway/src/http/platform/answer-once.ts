import { and, eq, lte } from 'drizzle-orm';
import { createHash } from 'node:crypto';
import { idOf, type MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { idempotencyKeys, inTenant } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { PURPOSES } from '../../platform/vault-purposes.ts';
import type { FullAnswer } from './row-types.ts';

export interface RepeatableRequest {
  readonly operation: string;
  readonly idempotencyKey: string;
  /** What must be the same for the request to be the same: path and body. */
  readonly content: string;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
/** How long a request without an answer is believed to run. After a crash in between, it may be sent again. */
const RUNNING_MS = 60_000;
const FORMAT = /^[\x21-\x7e]{1,255}$/;

/**
 * Runs the work once for each idempotency key of a caller; who repeats the request gets the first answer. Refused work
 * leaves nothing behind, so that it can be tried again. Answers are sealed: they may hold a new key's secret.
 */
export async function answerOnce(
  ctx: Context<MemberActor>,
  request: RepeatableRequest,
  work: () => Promise<FullAnswer>,
): Promise<FullAnswer> {
  if (!FORMAT.test(request.idempotencyKey)) {
    throw new Refusal('invalid_request_error', {
      message: 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.',
      param: 'Idempotency-Key',
    });
  }
  const claim = claimOf(ctx, request);
  const earlier = await takeClaim(ctx, claim);
  if (earlier !== undefined) return earlier;
  try {
    const answer = await work();
    await keep(ctx, claim, answer).catch(() => undefined);
    return answer;
  } catch (error) {
    await forget(ctx, claim).catch(() => undefined);
    throw error;
  }
}

interface Claim {
  readonly scope: string;
  readonly keyHash: Buffer;
  readonly requestHash: Buffer;
  readonly purpose: string;
}

function claimOf({ actor }: Context<MemberActor>, request: RepeatableRequest): Claim {
  const keyHash = digest([request.operation, idOf(actor), request.idempotencyKey]);
  return {
    scope: actor.organizationId,
    keyHash,
    requestHash: digest([request.content]),
    purpose: PURPOSES.idempotentAnswer(actor.organizationId, keyHash),
  };
}

const digest = (parts: readonly unknown[]): Buffer =>
  createHash('sha256').update(JSON.stringify(parts)).digest();

/** The answer of the first request, or nothing: then this is the first. */
function takeClaim(ctx: Context<MemberActor>, claim: Claim): Promise<FullAnswer | undefined> {
  const { scope, keyHash, requestHash } = claim;
  const now = new Date(ctx.clock());
  const fresh = {
    requestHash,
    status: null,
    answer: null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + RUNNING_MS),
  };
  return inTenant(ctx, scope, async (transaction) => {
    const taken = await transaction
      .insert(idempotencyKeys)
      .values({ scope, keyHash, ...fresh })
      .onConflictDoUpdate({
        target: [idempotencyKeys.scope, idempotencyKeys.keyHash],
        set: fresh,
        setWhere: lte(idempotencyKeys.expiresAt, now),
      })
      .returning({ scope: idempotencyKeys.scope });
    if (taken.length > 0) return undefined;
    const [earlier] = await transaction.select().from(idempotencyKeys).where(isThis(claim));
    return answerOf(ctx, claim, earlier);
  });
}

function answerOf(
  { vault }: Context,
  { purpose, requestHash }: Claim,
  earlier: typeof idempotencyKeys.$inferSelect | undefined,
): FullAnswer {
  if (earlier !== undefined && !earlier.requestHash.equals(requestHash)) {
    throw new Refusal('idempotency_conflict');
  }
  if (earlier?.answer == null) {
    throw new Refusal('idempotency_conflict', {
      message: 'The first request with this Idempotency-Key is still running. Ask again shortly.',
      retryAfterSeconds: 1,
    });
  }
  return JSON.parse(vault.open(purpose, earlier.answer).reveal()) as FullAnswer;
}

function keep(ctx: Context<MemberActor>, claim: Claim, answer: FullAnswer): Promise<unknown> {
  return inTenant(ctx, claim.scope, (transaction) =>
    transaction
      .update(idempotencyKeys)
      .set({
        status: answer.status,
        answer: ctx.vault.seal(claim.purpose, JSON.stringify(answer)),
        expiresAt: new Date(ctx.clock() + KEPT_MS),
      })
      .where(isThis(claim)),
  );
}

function forget(ctx: Context<MemberActor>, claim: Claim): Promise<unknown> {
  return inTenant(ctx, claim.scope, (transaction) =>
    transaction.delete(idempotencyKeys).where(isThis(claim)),
  );
}

const isThis = ({ scope, keyHash }: Claim) =>
  and(eq(idempotencyKeys.scope, scope), eq(idempotencyKeys.keyHash, keyHash));
