import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { built, CLI, watching } from '../cli/framering.ts'
import { writerOf } from '../support/live-ring.ts'
import { linePeer } from '../support/line-peer.ts'
import { PYTHON, hasPython } from '../support/tools.ts'

built()

test('`framering view` says where the page is, serves it, and ends at Ctrl-C', async () => {
  const command = watching('view', 'front', '--port', '0', '--json')
  const { url, rings } = JSON.parse(await command.line()) as { url: string; rings: string[] }
  expect(rings).toEqual(['front'])
  const page = await fetch(url)
  expect(await page.text()).toContain('<title>framering</title>')
  command.process.kill('SIGINT')
  expect(await command.ended()).toBe(0)
})

test('a port in use is said in one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const command = watching('view', '--port', String(port))
  expect(await command.ended()).toBe(1)
  expect(command.stderr).toBe(
    `SYSTEM: port ${port} of 127.0.0.1 is in use; give another, or 0 for any that is free\n`,
  )
})

test.each([
  [['watch'], "there is no command 'watch'"],
  [['view', '--prot', '1'], 'framering view --help lists what there is'],
  [['view', '--port', '1e9'], '--port takes a whole number from 0 to 65535'],
  [['view', 'a', 'b', '--tty'], '--tty shows one ring'],
])('a command line that makes no sense is refused: %s', async (args, message) => {
  const command = watching(...args)
  expect(await command.ended()).toBe(2)
  expect(command.stderr).toContain(message)
})

test('without a terminal --tty says so', async () => {
  const command = watching('view', 'front', '--tty')
  expect(await command.ended()).toBe(1)
  expect(command.stderr).toContain('stdout is no terminal to paint in')
})

// In a terminal of 160 × 12 made by Python; types q when it has seen a picture, and prints all it got.
const IN_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 12, 160, 0, 0))
before = termios.tcgetattr(fd)
seen, asked = b'', False
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    seen += part
    if not asked and b'q quits' in seen:
        os.write(fd, b'q')
        asked = True
sys.stdout.write(ascii(seen.decode('utf8')) + chr(10))
sys.stdout.write(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])) + chr(10))
`

describe.skipIf(!hasPython)('in a terminal', () => {
  test('paints half-blocks, ends at q, and leaves the terminal as it was', async () => {
    const writer = writerOf({ format: { fourcc: 'RGB3', width: 32, height: 16 } })
    writer.write(new Uint8Array(32 * 16 * 3).fill(99))
    const terminal = linePeer(
      PYTHON,
      '-c',
      IN_TERMINAL,
      process.execPath,
      CLI,
      'view',
      writer.name,
      '--tty',
    )
    const seen = await terminal.line()
    expect(seen).toContain('\\x1b[38;2;99;99;99m')
    expect(seen).toContain('\\u2580')
    expect(seen).toContain('32 \\xd7 16 RGB3')
    expect(seen.trimEnd().endsWith("\\x1b[0m\\x1b[?25h\\x1b[?1049l'")).toBe(true)
    expect(await terminal.line()).toBe('0')
  })
})
