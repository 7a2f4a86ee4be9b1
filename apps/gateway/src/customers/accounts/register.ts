import { eq } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inSystem, users, violates, type Transaction } from '../../platform/db/index.ts';
import { enqueueMail } from '../../platform/mail/index.ts';
import type { Locale, StoredUser } from './account.ts';
import { refuseWeakPassword } from './passwords/refuse-weak.ts';
import type { AccountServices } from './services.ts';
import { replaceUserToken } from './user-tokens.ts';

export interface Registration {
  /** In lower case. */
  readonly email: string;
  readonly password: string;
  readonly fullName?: string | undefined;
  readonly locale: Locale;
}

/** Organizations stand above accounts: whoever wires both passes this in. */
export type FoundPersonalOrganization = (
  transaction: Transaction,
  ctx: Context,
  founding: { readonly id: string; readonly ownerId: string },
) => Promise<unknown>;

export interface RegistrationServices extends AccountServices {
  readonly foundOrganization: FoundPersonalOrganization;
}

/** Accounts whose address nobody confirms are erased. */
const UNCONFIRMED_MS = 7 * 24 * 60 * 60_000;

interface Newcomer extends Omit<Registration, 'password'> {
  readonly passwordHash: string;
}

/**
 * Makes an account that serves once its address is confirmed. Tells nobody whether there was one: the mail does. Of several
 * registrations before the confirmation the last one counts, so that nobody can prepare an account for somebody else.
 */
export async function register(
  ctx: Context,
  services: RegistrationServices,
  { password, ...registration }: Registration,
): Promise<void> {
  const { email } = registration;
  refuseWeakPassword(password, { param: 'password', email });
  services.guard.admitMail({ account: email, address: ctx.address });
  const newcomer = { ...registration, passwordHash: await services.passwords.hash(password) };
  const attempt = (): Promise<void> =>
    inSystem(ctx, (transaction) => admit(transaction, ctx, services, newcomer));
  await attempt().catch((error: unknown) => {
    // The same address at the same moment: now it is there.
    if (violates(error, 'users_email_unique')) return attempt();
    throw error;
  });
}

async function admit(
  transaction: Transaction,
  ctx: Context,
  { foundOrganization }: RegistrationServices,
  newcomer: Newcomer,
): Promise<void> {
  const { email, locale } = newcomer;
  const [existing] = await transaction
    .select()
    .from(users)
    .where(eq(users.email, email))
    .for('update');
  if (existing !== undefined && isTaken(existing)) {
    await enqueueMail(transaction, ctx, {
      to: email,
      locale: existing.locale,
      userId: existing.id,
      content: { template: 'account-exists' },
    });
    return;
  }
  const userId = existing?.id ?? (await insertUser(transaction, ctx, foundOrganization, newcomer));
  if (existing !== undefined) await replaceUnconfirmed(transaction, ctx, userId, newcomer);
  const token = await replaceUserToken(transaction, ctx, { userId, purpose: 'verify-email' });
  await enqueueMail(transaction, ctx, {
    to: email,
    locale,
    userId,
    content: { template: 'verify-email', token: token.reveal() },
  });
}

const isTaken = (user: StoredUser): boolean =>
  user.emailVerifiedAt !== null || user.deactivatedAt !== null;

/** With an organization of their own. */
export async function insertUser(
  transaction: Transaction,
  ctx: Context,
  foundOrganization: FoundPersonalOrganization,
  newcomer: Newcomer,
): Promise<string> {
  const [userId, organizationId] = [ctx.newId('user'), ctx.newId('organization')];
  await foundOrganization(transaction, ctx, { id: organizationId, ownerId: userId });
  await insertInto(transaction, ctx, { ...newcomer, userId, organizationId });
  return userId;
}

export interface UserToInsert extends Newcomer {
  readonly userId: string;
  /** The personal one. */
  readonly organizationId: string;
}

/** Somebody who is yet to confirm the address. */
export async function insertInto(
  transaction: Transaction,
  ctx: Context,
  { userId, organizationId, email, locale, ...newcomer }: UserToInsert,
): Promise<void> {
  const now = ctx.clock();
  await transaction.insert(users).values({
    id: userId,
    email,
    locale,
    fullName: newcomer.fullName ?? null,
    passwordHash: newcomer.passwordHash,
    passwordChangedAt: new Date(now),
    personalOrganizationId: organizationId,
    createdAt: new Date(now),
    eraseAfter: new Date(now + UNCONFIRMED_MS),
  });
  await recordDeed(transaction, ctx, {
    action: 'account.create',
    subject: userId,
    organizationId: null,
  });
}

async function replaceUnconfirmed(
  transaction: Transaction,
  ctx: Context,
  userId: string,
  { passwordHash, fullName, locale }: Newcomer,
): Promise<void> {
  const now = ctx.clock();
  await transaction
    .update(users)
    .set({
      passwordHash,
      locale,
      fullName: fullName ?? null,
      eraseAfter: new Date(now + UNCONFIRMED_MS),
    })
    .where(eq(users.id, userId));
}
