/** One tab of a browser is the agent's desk. A lock of the browser says which: it ends with its tab, even by a crash. */

const LOCK = 'cadencia-agent-desk'
const TRIES = 8
const TRY_MS = 120

/** Take the desk; `lost` is called when another tab takes it over. False: another tab holds it (and `force` was not set). */
export async function takeDesk(force: boolean, lost: () => void): Promise<boolean> {
  if (!navigator.locks) return true
  if (force) return hold({ steal: true }, lost)
  // After a reload the old document may hold the lock for some more milliseconds.
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (await hold({ ifAvailable: true }, lost)) return true
    await new Promise((done) => setTimeout(done, TRY_MS))
  }
  return false
}

function hold(options: LockOptions, lost: () => void): Promise<boolean> {
  return new Promise((done) => {
    let held = false
    navigator.locks
      .request(LOCK, options, (lock) => {
        held = lock !== null
        done(held)
        // Never resolved: the lock lives as long as this document.
        return held ? new Promise<void>(() => undefined) : undefined
      })
      .catch(() => (held ? lost() : done(false)))
  })
}
