import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createWriter } from '../../src/index.ts'
import { ringName } from '../support/ring-name.ts'
import { hasBash, hasFish, hasZsh } from '../support/tools.ts'
import { built, CLI, framering, run } from './framering.ts'

built()

/** A folder with `framering` as an installation has it, the scripts of all shells, and some files. */
async function installed(): Promise<{ folder: string; env: NodeJS.ProcessEnv }> {
  const folder = mkdtempSync(join(tmpdir(), 'framering-completion-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'rings here'))
  writeFileSync(
    join(folder, 'bin/framering'),
    `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`,
    { mode: 0o755 },
  )
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(join(folder, shell), (await framering('completion', shell)).stdout)
  }
  const path = `${join(folder, 'bin')}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  return { folder, env: { ...process.env, PATH: path, HOME: folder, XDG_CONFIG_HOME: folder } }
}

/** A live ring. */
function ring(): string {
  const writer = createWriter(ringName(), { dtype: 'uint8', shape: [4] })
  onTestFinished(() => {
    writer.close()
  })
  return writer.name
}

async function complete(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await framering('complete', '--', ...words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\n').filter((line) => line !== '')
}

describe('a command line may go on with', { timeout: 120_000 }, () => {
  test('the commands, and what they are for', async () => {
    expect(await complete('vi')).toEqual(['view\twatch rings in a browser or a terminal'])
    expect((await complete('')).map((line) => line.split('\t')[0])).not.toContain('complete')
  })

  test('the flags of the command', async () => {
    expect(await complete('view', '--po')).toEqual([expect.stringMatching(/^--port\t/)])
  })

  test('the values of a flag or an argument that has a choice of them', async () => {
    expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(await complete('completion', 'z')).toEqual(['zsh'])
  })

  test('the rings there are, those of --directory if it was given', async () => {
    const name = ring()
    expect(await complete('view', '--tty', name.slice(0, -1))).toContain(name)
    const { folder } = await installed()
    expect(await complete('view', '--directory', folder, name)).toEqual([])
    expect(await complete('view', `--directory=${folder}`, name)).toEqual([])
    expect(await complete('view', '--directory', '=', folder, name)).toEqual([])
  })

  test('paths where one is asked for, in either spelling', async () => {
    expect(await complete('view', '--directory', '')).toEqual([':directories'])
    expect(await complete('view', '--directory=/de')).toEqual([':directories'])
    expect(await complete('view', '--directory', '=', '/de')).toEqual([':directories'])
  })

  test('nothing, where nothing is known: after a flag that takes a number, or no such command', async () => {
    expect(await complete('view', '--port', '')).toEqual([])
    expect(await complete('view', '--port=')).toEqual([])
    expect(await complete('nix', '')).toEqual([])
    expect(await complete('completion', 'bash', '')).toEqual([])
  })

  test('operands alone behind --', async () => {
    expect(await complete('view', '--', '--po')).toEqual([])
  })
})

describe.skipIf(!hasBash)('bash', { timeout: 120_000 }, () => {
  const SCRIPT = `
    source ../bash
    compopt() { :; }  # works while readline completes only
    COMP_WORDS=(framering "$@") COMP_CWORD=$#
    _framering framering
    printf '%s\n' "\${COMPREPLY[@]}"`

  test('completes commands, flags, rings and folders', async () => {
    const { folder, env } = await installed()
    const cwd = join(folder, 'rings here')
    writeFileSync(join(cwd, 'a file'), '')
    mkdirSync(join(cwd, 'a folder'))
    const bash = async (...words: string[]): Promise<string[]> => {
      const { stdout, stderr } = await run(['bash', '--norc', '-c', SCRIPT, 'bash', ...words], {
        env,
        cwd,
      })
      expect(stderr).toBe('')
      return stdout.split('\n').filter((line) => line !== '')
    }
    const name = ring()
    expect(await bash('vi')).toEqual(['view'])
    expect(await bash('view', '--po')).toEqual(['--port'])
    expect(await bash('view', name.slice(0, -1))).toContain(name)
    expect(await bash('view', '--directory', 'a')).toEqual(['a folder'])
    expect(await bash('view', '--directory', '=', 'a')).toEqual(['a folder'])
    expect(await bash('view', '--directory', '=')).toEqual(['a folder'])
    // Nothing of what was typed is evaluated.
    const trap = '$(touch evaluated)`touch evaluated`'
    expect(await bash('view', trap, '--po')).toEqual(['--port'])
    expect(readdirSync(cwd).sort()).toEqual(['a file', 'a folder'])
  })
})

describe.skipIf(!hasZsh)('zsh', { timeout: 120_000 }, () => {
  test('completes commands, flags, rings and folders at the Tab key', async () => {
    const { folder, env } = await installed()
    const name = ring()
    const lines = [
      'framering vi',
      'framering view --po',
      `framering view ${name.slice(0, -1)}`,
      'framering view --directory rin',
      'framering view --directory=rin',
    ]
    // Ctrl-T writes down what stands on the command line, and clears it.
    const setup = `
      unsetopt beep
      autoload -Uz compinit && compinit -D -u
      source ./zsh
      tell() { print -r -- "$BUFFER" >> told; BUFFER=; zle -M "told $((++told))" }
      zle -N tell && bindkey '^T' tell
      print RE''ADY`
    writeFileSync(join(folder, 'setup'), setup)
    // A shell in a terminal of zsh's own.
    const script = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'source ./setup'
      zpty -r -m shell said '*READY*'
      for line in "$@"; do
        zpty -w -n shell "$line"$'\\t\\C-t'
        zpty -r -m shell said "*told $((++typed))*"
      done
      zpty -d shell`
    const { stderr } = await run(['zsh', '-f', '-c', script, 'zsh', ...lines], { env, cwd: folder })
    expect(stderr).toBe('')
    expect(readFileSync(join(folder, 'told'), 'utf8').split('\n')).toEqual([
      'framering view ',
      'framering view --port ',
      `framering view ${name} `,
      'framering view --directory rings\\ here/',
      'framering view --directory=rings\\ here/',
      '',
    ])
  })
})

describe.skipIf(!hasFish)('fish', { timeout: 120_000 }, () => {
  test('completes commands, flags, rings and folders', async () => {
    const { folder, env } = await installed()
    const name = ring()
    const lines = [
      'framering vi',
      'framering view --po',
      `framering view ${name.slice(0, -1)}`,
      'framering view --directory rin',
      'framering view --directory=rin',
    ]
    const script = `source ./fish\n${lines.map((line) => `complete -C '${line}'`).join('\n')}`
    const { stdout, stderr } = await run(['fish', '--no-config', '-c', script], {
      env,
      cwd: folder,
    })
    expect(stderr).toBe('')
    const values = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0])
    expect(values).toEqual(['view', '--port', name, 'rings here/', '--directory=rings here/'])
  })
})

test('a shell that is none of these is refused with those that are', async () => {
  const { code, stderr } = await framering('completion', 'tcsh')
  expect(code).toBe(2)
  expect(stderr).toContain('Allowed choices are bash, zsh, fish')
})
