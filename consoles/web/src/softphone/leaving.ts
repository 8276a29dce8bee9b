/** How this phone says goodbye. */

/** Q.850 'temporary failure', which every Asterisk reads off a BYE. */
const FAILED = 'Reason: Q.850;cause=41;text="Cadencia softphone"'

interface Options {
  extraHeaders?: string[]
}

/**
 * The engine takes a desk phone that is put down for the hang-up key. Nobody puts this one down: when JsSIP gives a leg
 * up by itself (no ICE, no signalling), the agent is lost, and the person must come back to the agent.
 */
export function neverPutDown(session: { terminate(options?: Options): void }): void {
  const terminate = session.terminate.bind(session)
  session.terminate = (options: Options = {}) => terminate({ ...options, extraHeaders: [...(options.extraHeaders ?? []), FAILED] })
}
