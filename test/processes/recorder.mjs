// Records a ring by ffmpeg, and says what it has written, until it is killed or told to exit.
import { readFileSync } from 'node:fs'
import { frames } from 'framering'
import { ffmpegSink } from 'framering/sinks'

const { ring, output } = JSON.parse(process.argv[2])
frames(ring, { replay: 0 })
  .pipe(ffmpegSink({ output, timing: 'count' }))
  .subscribe(({ sequence }) => {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    process.send({ kind: 'written', sequence, pid: Number(children.trim().split(' ')[0]) })
  })
process.on('message', () => process.exit())
process.send({ kind: 'ready' })
