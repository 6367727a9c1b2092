import { Argument, Command } from 'commander';
import { printCompletion, shells } from '../render/completion.js';
import { exit, withTexts } from '../render/help-texts.js';

const texts = {
  notes: [
    'It changes no file. To have it in each new shell put the line of your shell below into ~/.bashrc or ~/.zshrc (behind compinit); fish reads the file by itself.',
  ],
  examples: [
    'source <(mltrack completion bash)',
    'source <(mltrack completion zsh)',
    'mltrack completion fish > ~/.config/fish/completions/mltrack.fish',
  ],
  exits: [exit.done, exit.usage],
  docs: ['docs/terminal.md'],
} as const;

/** `mltrack completion bash|zsh|fish`. */
export function completionCommand(): Command {
  const command = new Command('completion').addArgument(
    new Argument('<shell>', 'the shell to complete words in').choices(shells),
  );
  return withTexts(command, texts).action((shell: (typeof shells)[number]) => printCompletion(shell));
}
