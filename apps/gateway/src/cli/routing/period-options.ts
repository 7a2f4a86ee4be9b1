import { InvalidArgumentError, Option, type Command } from 'commander';

export type Tier = (typeof TIERS)[number];

export interface PeriodOptions {
  readonly days: number;
  readonly tier?: Tier;
}

const TIERS = ['fast', 'balanced', 'auto'] as const;

export const addPeriodOptions = (command: Command, days: number): Command =>
  addTierOption(
    command.option('--days <count>', 'today and the days before (UTC)', parseDays, days),
  );

export const addTierOption = (command: Command): Command =>
  command.addOption(new Option('--tier <tier>', 'only this one').choices(TIERS));

function parseDays(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 366) return days;
  throw new InvalidArgumentError('It must be a whole number from 1 to 366.');
}
