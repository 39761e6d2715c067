/** The live page: the stream as a picture, and the figures of /stats.json twice a second. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>framering</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: dark; font: 15px/1.45 system-ui, sans-serif; }
  body { margin: 0 auto; max-width: 68rem; padding: 1.2rem; background: #0f1216; color: #d8dee6; }
  header { display: flex; gap: 1rem; align-items: baseline; margin-bottom: .8rem; }
  h1 { font-size: 1.25rem; margin: 0; }
  h1 b { color: #6cc7ff; font-weight: 600; }
  #state { margin-left: auto; color: #7fd88f; }
  #state.still { color: #f0b35c; }
  main { display: grid; grid-template-columns: minmax(0, 1fr) 17rem; gap: 1rem; align-items: start; }
  @media (max-width: 46rem) { main { grid-template-columns: 1fr; } }
  img { width: 100%; border-radius: 8px; background: #1a1f26; display: block; }
  section { background: #171c22; border-radius: 8px; padding: .7rem .9rem; margin-bottom: .7rem; }
  h2 { font-size: .78rem; font-weight: 500; color: #8b97a5; margin: 0 0 .15rem; }
  .big { font-size: 1.7rem; font-variant-numeric: tabular-nums; }
  small, td { color: #8b97a5; font-size: .85rem; }
  table { border-spacing: 0; width: 100%; }
  td + td { text-align: right; color: #d8dee6; font-variant-numeric: tabular-nums; }
  svg { width: 100%; height: 3rem; display: block; margin-top: .3rem; }
  polyline { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
  a { color: #6cc7ff; }
</style>
<header><h1><b>framering</b> <span id="ring"></span></h1><small id="delivery"></small>
<span id="state"></span></header>
<main>
  <div><img src="/stream.mjpg" alt="live picture">
    <p><small><a href="/snapshot.png">snapshot.png</a> · <a href="/stats.json">stats.json</a> ·
    <span id="viewers"></span></small></p></div>
  <div>
    <section><h2>frames a second</h2><div class="big" id="fps">–</div></section>
    <section><h2>from publishing to receipt</h2>
      <div class="big"><span id="p50">–</span> <small>µs, p50</small></div>
      <small>p99 <span id="p99">–</span> µs · max <span id="max">–</span> µs</small>
      <svg viewBox="0 0 120 40" preserveAspectRatio="none">
        <polyline id="line99" stroke="#f0b35c"></polyline>
        <polyline id="line50" stroke="#6cc7ff"></polyline></svg>
      <small>last minute: p50 blue, p99 amber</small></section>
    <section><h2>from capture to receipt</h2>
      <small>p50 <span id="c50">–</span> µs · p99 <span id="c99">–</span> µs</small></section>
    <section><h2>frames</h2><table>
      <tr><td>received<td id="received"><tr><td>torn<td id="torn">
      <tr><td>not received<td id="gaps"><tr><td>· skipped<td id="skipped">
      <tr><td>· overrun<td id="overrun"><tr><td>· no free slot<td id="noSlot">
      <tr><td>· writer restart<td id="restart"><tr><td>lost by the source<td id="source">
    </table></section>
  </div>
</main>
<script>
  const show = (id, value) => { document.getElementById(id).textContent = value ?? '–' }
  const whole = (us) => us?.toFixed(0)
  const history = []
  function draw(id, key, most) {
    const points = history.map((times, x) => x + ',' + (39 - 38 * times[key] / most).toFixed(1))
    document.getElementById(id).setAttribute('points', points.join(' '))
  }
  async function refresh() {
    const state = document.getElementById('state')
    try {
      const f = await (await fetch('/stats.json')).json()
      show('ring', f.ring); show('delivery', f.delivery)
      show('fps', f.fps.toFixed(1))
      show('p50', whole(f.receive?.p50)); show('p99', whole(f.receive?.p99)); show('max', whole(f.receive?.max))
      show('c50', whole(f.capture?.p50)); show('c99', whole(f.capture?.p99))
      show('received', f.received); show('torn', f.torn ?? 'not checked'); show('gaps', f.gaps)
      for (const cause of ['skipped', 'overrun', 'noSlot', 'restart', 'source']) show(cause, f.lost[cause])
      show('viewers', f.viewers === 1 ? '1 viewer' : f.viewers + ' viewers')
      if (f.receive) {
        if (history.push(f.receive) > 120) history.shift()
        const most = Math.max(...history.map((times) => times.p99))
        draw('line99', 'p99', most); draw('line50', 'p50', most)
      }
      state.textContent = f.fps > 0 ? 'live' : 'waiting for frames'
      state.className = f.fps > 0 ? '' : 'still'
    } catch { state.textContent = 'the reader has ended'; state.className = 'still' }
  }
  refresh(); setInterval(refresh, 500)
</script>
</html>
`
