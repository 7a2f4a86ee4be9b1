import { Command } from 'commander';
import { VERSION } from '../main.ts';
import { addBillingCommand } from './billing.ts';
import { addChatCommand } from './chat/chat.ts';
import { addConfigCommand } from './config-check.ts';
import { addDoctorCommand } from './doctor/doctor.ts';
import { addKeysCommand } from './keys.ts';
import { addMasterKeyCommand } from './master-key.ts';
import { addModelsCommand } from './models.ts';
import { addPricesCommand } from './prices/prices.ts';
import { addStartCommand } from './start/start.ts';
import { addRoutingCommand } from './routing/routing.ts';
import type { Surroundings } from './surroundings.ts';
import { addUsersCommand } from './users.ts';
import { addVerifyCommand } from './verify.ts';
import { addWalletCommand } from './wallet.ts';

/** The whole command line, as `sealgate --help` shows it. */
export function createProgram(surroundings: Surroundings): Command {
  const program = new Command('sealgate')
    .description('An OpenAI-compatible gateway that clients can talk to end-to-end encrypted')
    .version(VERSION)
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
    })
    .exitOverride()
    .showHelpAfterError('("--help" shows examples)')
    .addHelpText(
      'after',
      `
Exit codes: 0 it worked, 1 it did not, 2 the command was not understood.

Examples:
  $ sealgate start
  $ sealgate chat --sealed "What is 12 + 30?"
  $ sealgate keys create "staging"
  $ sealgate doctor`,
    );
  const commands = [
    addStartCommand,
    addChatCommand,
    addKeysCommand,
    addUsersCommand,
    addWalletCommand,
    addBillingCommand,
    addPricesCommand,
    addMasterKeyCommand,
    addModelsCommand,
    addRoutingCommand,
    addConfigCommand,
    addDoctorCommand,
    addVerifyCommand,
  ];
  for (const add of commands) add(program, surroundings);
  return program;
}
