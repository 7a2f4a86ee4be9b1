import { type Command, InvalidArgumentError, Option } from 'commander';
import { randomBytes } from 'node:crypto';
import { LOCALES, type Locale } from '@sealgate/contract';
import { createUser, restoreUser } from '../customers/accounts/index.ts';
import { findFirstOrganization, personalFounder } from '../customers/organizations/index.ts';
import { inSystem } from '../platform/db/index.ts';
import { asOperator } from './as-operator.ts';
import { printJson, type Surroundings } from './surroundings.ts';

interface CreateOptions {
  readonly email: string;
  readonly name?: string;
  readonly locale: Locale;
  readonly passwordStdin?: boolean;
  readonly json?: boolean;
}

export function addUsersCommand(program: Command, surroundings: Surroundings): void {
  const users = program
    .command('users')
    .description('Create accounts of people, and restore those that were closed')
    .addHelpText(
      'after',
      `
The commands work on the data directory (SEALGATE_DATA_DIR) or DATABASE_URL, whether the gateway runs or not.

Examples:
  $ sealgate users create --email ada@example.com
  $ sealgate users restore --email ada@example.com`,
    );
  users
    .command('create')
    .requiredOption('--email <address>', 'where mails go; it counts as confirmed', parseEmail)
    .option('--name <name>', 'the full name')
    .addOption(new Option('--locale <language>', 'of mails').choices(LOCALES).default('en'))
    .option('--password-stdin', 'read the password instead of inventing one')
    .option('--json', 'print JSON')
    .description('Create an account and print its password, once')
    .addHelpText(
      'after',
      `
The first account takes over the organization of the first start: its keys then act for this person.

Examples:
  $ sealgate users create --email ada@example.com --name "Ada Lovelace"
  $ cat password.txt | sealgate users create --email ada@example.com --password-stdin`,
    )
    .action((options: CreateOptions) => create(options, surroundings));
  users
    .command('restore')
    .requiredOption('--email <address>', 'whose account it is', parseEmail)
    .description('Undo a deactivation within its 14 days; keys and sessions stay ended')
    .addHelpText('after', '\nExample:\n  $ sealgate users restore --email ada@example.com')
    .action((options: { readonly email: string }) => restore(options, surroundings));
}

function parseEmail(text: string): string {
  if (/^[^@\s]+@[^@\s]+$/.test(text) && text.length <= 254) return text.toLowerCase();
  throw new InvalidArgumentError('It must be an e-mail address.');
}

async function create(options: CreateOptions, surroundings: Surroundings): Promise<void> {
  const { email, name: fullName, locale } = options;
  const password = options.passwordStdin
    ? (await surroundings.readInput()).replace(/\r?\n$/, '')
    : randomBytes(15).toString('base64url');
  const user = await asOperator(surroundings, async (ctx, config) => {
    const first = await inSystem(ctx, findFirstOrganization);
    const creation = {
      foundOrganization: personalFounder(config.signupCredit),
      firstOrganizationId: first?.id,
    };
    return createUser(ctx, creation, { email, password, fullName, locale });
  });
  if (options.json) {
    const shown = options.passwordStdin ? {} : { password };
    return printJson(surroundings, { user_id: user.id, email, ...shown });
  }
  const { stdout, stderr } = surroundings;
  stderr.write(`${email} (${user.id}) can sign in.\n`);
  if (user.hasAdopted) {
    stderr.write('The organization of the first start is theirs now, and so are its keys.\n');
  }
  if (options.passwordStdin) return;
  stderr.write('The password is shown only this once:\n');
  stdout.write(`${password}\n`);
}

async function restore(
  { email }: { readonly email: string },
  surroundings: Surroundings,
): Promise<void> {
  await asOperator(surroundings, (ctx) => restoreUser(ctx, email));
  surroundings.stderr.write(`${email} can sign in again.\n`);
}
