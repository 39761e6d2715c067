// Subscribes to one frame; the process has to live until it came and to end by itself then.
import { take } from 'rxjs'
import { frames } from 'framering'

frames(JSON.parse(process.argv[2]).name)
  .pipe(take(1))
  .subscribe(({ sequence }) =>
    process.send({ kind: 'frame', sequence }, () => process.disconnect()),
  )
process.send({ kind: 'ready' })
