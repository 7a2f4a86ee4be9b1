import { printUsd } from '@sealgate/contract';
import { and, eq, inArray, isNotNull, isNull } from 'drizzle-orm';
import { memberships, users, type Transaction } from '../../../platform/db/index.ts';
import { enqueueMails, type Mail } from '../../../platform/mail/index.ts';
import type { DueAlert } from './find-due.ts';
import type { Deciding } from './touched.ts';

/** One mail for each alert and each owner or admin of its organization, unless they do not want any. */
export async function mailAlerts(
  transaction: Transaction,
  deciding: Deciding,
  raised: readonly DueAlert[],
): Promise<void> {
  const mailed = raised.filter(({ isMailed }) => isMailed);
  if (mailed.length === 0) return;
  const readers = await findReaders(transaction, [
    ...new Set(mailed.map(({ organizationId }) => organizationId)),
  ]);
  const mails = mailed.flatMap((alert) =>
    readers.flatMap(({ organizationId, email, ...reader }): Mail[] =>
      organizationId === alert.organizationId && email !== null
        ? [{ ...reader, to: email, content: contentOf(alert) }]
        : [],
    ),
  );
  await enqueueMails(transaction, deciding, mails);
}

const findReaders = (transaction: Transaction, organizationIds: string[]) =>
  transaction
    .select({
      organizationId: memberships.organizationId,
      userId: users.id,
      email: users.email,
      locale: users.locale,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(
      and(
        inArray(memberships.organizationId, organizationIds),
        inArray(memberships.role, ['owner', 'admin']),
        isNotNull(users.emailVerifiedAt),
        isNull(users.deactivatedAt),
      ),
    );

function contentOf(alert: DueAlert): Mail['content'] {
  const { organizationName, limitNano } = alert;
  const limitUsd = printUsd(limitNano);
  if (alert.scope === 'wallet') {
    const balanceUsd = printUsd(alert.balanceNano);
    return { template: 'low-balance', organizationName, balanceUsd, limitUsd };
  }
  const { scope, subjectName, threshold, month, resetsOn, timeZone } = alert;
  return {
    template: 'limit-reached',
    organizationName,
    scope,
    subjectName,
    threshold,
    spentUsd: printUsd(alert.spentNano),
    limitUsd,
    month,
    resetsOn,
    timeZone,
  };
}
