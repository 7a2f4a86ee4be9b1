import type { Command } from 'commander';
import type { Surroundings } from '../surroundings.ts';
import { addExportCommand } from './export.ts';
import { addInsightCommand } from './insight.ts';
import { addReplayCommand } from './replay.ts';

export function addRoutingCommand(program: Command, surroundings: Surroundings): void {
  const routing = program
    .command('routing')
    .description('See how well the tiers choose, and what other ways of choosing would be worth')
    .addHelpText(
      'after',
      `
Examples:
  $ sealgate routing insight --days 30
  $ sealgate routing export --days 30 > log.jsonl
  $ sealgate routing replay log.jsonl --policy current best cheapest`,
    );
  addInsightCommand(routing, surroundings);
  addExportCommand(routing, surroundings);
  addReplayCommand(routing, surroundings);
}
