/**
 * Run before every test file. Whoever starts the tests may have asked for colours or for none, and Node
 * asks a CI system's variables too: what a command prints here must not depend on it. The names are those of
 * `tty.WriteStream.getColorDepth` of Node, of commander and of terminal-kit.
 */
const NAMES = [
  'CI',
  'CLICOLOR',
  'CLICOLOR_FORCE',
  'COLORTERM',
  'FORCE_COLOR',
  'NODE_DISABLE_COLORS',
  'NO_COLOR',
  'TEAMCITY_VERSION',
  'TERM_PROGRAM',
  'TF_BUILD',
  'TMUX',
  'VTE_VERSION',
]
for (const name of NAMES) Reflect.deleteProperty(process.env, name)

// What programs say, and in which language: a locale that this machine does not have is a warning of bash.
process.env['LC_ALL'] = 'C.UTF-8'
