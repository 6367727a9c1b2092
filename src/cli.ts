import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { backupHintCommand } from './commands/backup-hint.js';
import { checkCommand } from './commands/db-check.js';
import { diffCommand } from './commands/db-diff.js';
import { downgradeCommand } from './commands/db-downgrade.js';
import { historyCommand } from './commands/db-history.js';
import { planCommand } from './commands/db-plan.js';
import { repairCommand } from './commands/db-repair.js';
import { statusCommand } from './commands/db-status.js';
import { upgradeCommand } from './commands/db-upgrade.js';
import { gcCommand } from './commands/gc.js';
import type { Stop } from './core/stop.js';

/** The tree of commands. Commander's own errors are thrown, so that `main` alone prints them and ends the process. */
export function buildProgram(stop: Stop): Command {
  const program = new Command('mltrack')
    .description(
      'Upgrades, checks and collects the database behind MLflow: one runner at a time, without Python.',
    )
    .version(packageVersion(), '-V, --version')
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError(true);
  const db = program.command('db').description('work on the schema of a tracking database');
  const commands = [
    planCommand,
    upgradeCommand,
    downgradeCommand,
    statusCommand,
    checkCommand,
    repairCommand,
    diffCommand,
    historyCommand,
  ];
  for (const command of commands) db.addCommand(command(stop));
  program.addCommand(gcCommand(stop));
  program.addCommand(backupHintCommand(stop));
  for (const command of [program, ...program.commands, ...db.commands])
    command.exitOverride().configureOutput({ outputError: () => undefined });
  return program;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
