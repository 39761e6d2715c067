/** Shells whose command lines can be completed. */
export type Shell = 'bash' | 'zsh' | 'fish'

// Each hands the words up to the cursor to `framering complete` as they are. Nothing that was typed
// is evaluated: a TAB behind `$(rm x)` removes nothing. What comes back is a value a line, with what it
// means behind a tab, or a line that asks for the shell's own completion of paths.

const BASH = `# bash completion for framering
_framering() {
  local current=\${COMP_WORDS[COMP_CWORD]} line
  [[ $current == '=' ]] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        ;;
      :directories)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("$1" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _framering framering
`

const ZSH = `#compdef framering
# zsh completion for framering
_framering() {
  local line
  local -a values
  for line in "\${(@f)$("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :files) compset -P '--*='; _files; return ;;
      :directories) compset -P '--*='; _files -/; return ;;
      *) values+=("\${\${line//:/\\\\:}/$'\\t'/:}") ;;
    esac
  done
  compset -P '--*='
  _describe 'framering' values
}
if [[ $funcstack[1] == _framering ]]; then
  _framering "$@"
else
  compdef _framering framering
fi
`

const FISH = `# fish completion for framering
function __framering_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l flag (string match -r -- '^--[^=]*=' "$current")
    set -l value (string replace -r -- '^--[^=]*=' '' "$current")
    for line in ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':files'
                for path in (__fish_complete_path "$value")
                    echo -- "$flag$path"
                end
            case ':directories'
                for path in (__fish_complete_directories "$value")
                    echo -- "$flag$path"
                end
            case '*'
                printf '%s\\n' "$flag$line"
        end
    end
end
complete -c framering -f -a '(__framering_complete)'
`

/** What `framering completion SHELL` prints. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
