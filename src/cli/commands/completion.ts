import { Argument, Command } from 'commander'
import { SCRIPTS, type Shell } from '../completion/scripts.ts'
import { type CommonFlags, examples, withJson } from '../flags.ts'
import type { Io } from '../io.ts'

/** `framering completion`: prints what a shell has to read to complete command lines. */
export function command(io: Io): Command {
  const completion = new Command('completion')
    .description(
      'Print the script that completes commands, flags, their values and the names of rings.',
    )
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
  return withJson(completion, 'shell and script in a line of JSON')
    .addHelpText(
      'after',
      examples(
        ['framering completion bash >> ~/.bashrc', 'bash 4.4 or later'],
        ['framering completion zsh > ~/.zfunc/_framering', 'a folder of $fpath, before compinit'],
        [
          'framering completion fish > ~/.config/fish/completions/framering.fish',
          'fish 3.1 or later',
        ],
      ),
    )
    .action(async (shell: Shell, flags: CommonFlags) => {
      const script = SCRIPTS[shell]
      await (flags.json ? io.json({ shell, script }) : io.line(script.trimEnd()))
    })
}
