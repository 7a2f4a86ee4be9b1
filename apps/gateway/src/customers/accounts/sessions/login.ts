import { eq } from 'drizzle-orm';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { inPerson, sessions, users, type Transaction } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { accountOf, findByEmail, type Account, type StoredUser } from '../account.ts';
import { requireSecondFactor, type SecondFactor } from '../second-factor/check.ts';
import type { AccountServices } from '../services.ts';
import { issueTokens, type TokenPair } from './tokens.ts';

export interface SignIn extends SecondFactor {
  /** In lower case. */
  readonly email: string;
  readonly password: string;
  readonly userAgent: string | undefined;
}

export interface SignedIn extends TokenPair {
  readonly account: Account;
}

const SESSION_MS = 30 * 24 * 60 * 60_000;
const MAX_USER_AGENT = 200;

/** An unknown address and a wrong password get the same answer after the same work. */
export function login(ctx: Context, services: AccountServices, input: SignIn): Promise<SignedIn> {
  const { passwords, guard } = services;
  return guard.check({ account: input.email, address: ctx.address }, async () => {
    const user = await findByEmail(ctx, input.email);
    const isRight = await passwords.verify(user?.passwordHash, input.password);
    if (user === undefined || !isRight || user.deactivatedAt !== null) {
      throw new Refusal('invalid_credentials');
    }
    if (user.emailVerifiedAt === null) {
      throw new Refusal('permission_denied', {
        message:
          'Confirm your e-mail address first: the link is in the mail. Register again to get another.',
      });
    }
    const isOutdated = passwords.isOutdated(user.passwordHash ?? '');
    const passwordHash = isOutdated ? await passwords.hash(input.password) : undefined;
    return inPerson(ctx, user.id, async (transaction) => {
      await refuseIfChanged(transaction, user);
      await requireSecondFactor(transaction, ctx, user.id, input);
      if (passwordHash !== undefined) {
        await transaction.update(users).set({ passwordHash }).where(eq(users.id, user.id));
      }
      return startSession(transaction, ctx, user, input.userAgent);
    });
  });
}

/** Who changed the password or left meanwhile has ended all sessions: none may begin after that. */
async function refuseIfChanged(transaction: Transaction, known: StoredUser): Promise<void> {
  const [user] = await transaction
    .select({ passwordHash: users.passwordHash, deactivatedAt: users.deactivatedAt })
    .from(users)
    .where(eq(users.id, known.id))
    .for('update');
  if (user?.passwordHash === known.passwordHash && user.deactivatedAt === null) return;
  throw new Refusal('invalid_credentials');
}

async function startSession(
  transaction: Transaction,
  ctx: Context,
  user: StoredUser,
  userAgent: string | undefined,
): Promise<SignedIn> {
  const now = ctx.clock();
  const session = {
    id: ctx.newId('session'),
    userId: user.id,
    address: ctx.address ?? null,
    userAgent: userAgent?.slice(0, MAX_USER_AGENT) ?? null,
    createdAt: new Date(now),
    lastUsedAt: new Date(now),
    expiresAt: new Date(now + SESSION_MS),
  };
  await transaction.insert(sessions).values(session);
  const tokens = await issueTokens(transaction, ctx, session);
  await recordDeed(transaction, ctx, {
    action: 'session.start',
    subject: session.id,
    organizationId: null,
    details: { userId: user.id },
  });
  return { ...tokens, account: await accountOf(transaction, user) };
}
