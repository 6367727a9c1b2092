import chalk from 'chalk';
import type { Hint, HintCommand } from '../core/backup-hint.js';
import { jsonLine } from './json.js';
import { printText } from './print.js';
import { bytes, durations } from './units.js';

/** A hint for people, as a script to run, or as one JSON event. */
export function printHint(hint: Hint, format: 'text' | 'sh' | 'json'): void {
  if (format === 'text') printText(textOf(hint));
  // A script holds names as they are, quoted.
  else process.stdout.write(format === 'sh' ? scriptOf(hint) : jsonLine(hint));
}

function textOf(hint: Hint): string {
  const { seconds } = hint;
  const revision = hint.revision === null ? hint.written : `revision ${hint.revision}, ${hint.written}`;
  const lines = [
    `${hint.database} (${hint.server}): ${revision}`,
    `${bytes(hint.bytes)}; a backup takes ${seconds.high < 0.1 ? '' : 'about '}${durations(seconds)}`,
    ...hint.tools.map((tool) => chalk.dim(`  ${tool}`)),
    ...section('the provider’s snapshot', hint.managed),
    ...section('back up', hint.backup),
    ...section('verify', hint.verify),
    ...section('restore', hint.restore),
    ...listed('the password', hint.secret),
    ...listed('to know', hint.notes),
    ...listed('to save as well: the artifacts, which are not in the database', hint.artifacts),
  ];
  return `${lines.join('\n')}\n`;
}

const section = (title: string, commands: readonly HintCommand[]): string[] =>
  commands.length === 0
    ? []
    : [
        '',
        chalk.bold(title),
        ...commands.flatMap(({ what, line }) => [chalk.dim(`  # ${what}`), `  ${line}`]),
      ];

const listed = (title: string, texts: readonly string[]): string[] =>
  texts.length === 0 ? [] : ['', chalk.bold(title), ...texts.map((text) => `  ${text}`)];

/** Backs up and verifies; what restores stands in it as a comment, because a script is run to its end. */
function scriptOf(hint: Hint): string {
  // A line break in a name must not end the comment.
  const comment = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => text.split(/[\r\n]+/).map((line) => `# ${line}`));
  const lines = [
    '#!/bin/sh',
    ...comment([
      `Backup of ${hint.database} (${hint.server}), revision ${hint.revision ?? 'none'}`,
      ...hint.tools,
      ...hint.secret,
      ...hint.notes,
    ]),
    ...comment(hint.artifacts.map((root) => `to save as well: ${root}`)),
    'set -eu',
    ...[...hint.backup, ...hint.verify].flatMap(({ what, line }) => [...comment([what]), line]),
    ...(hint.backup.length === 0
      ? hint.managed.flatMap(({ what, line }) => [...comment([what]), line])
      : comment(hint.managed.map(({ line }) => `or the provider's snapshot: ${line}`))),
    ...comment(['to restore:', ...hint.restore.map(({ line }) => line)]),
  ];
  return `${lines.join('\n')}\n`;
}
