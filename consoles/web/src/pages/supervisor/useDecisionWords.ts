/** A decision's line in the reader's language. */
import { decisionFrom, haltFrom, waitingFrom } from '@/pages/supervisor/decision'
import { useWords } from '@/i18n'

export function useDecisionWords() {
  const { t, dayTime, decimal, percent, timeOfDay, word } = useWords()
  /** 3 stays 3, 2.5 is written by locale. */
  const some = (n: number) => decimal(n, Number.isInteger(n) ? 0 : 1)
  /** One of them, or several; a part of one is several too. */
  const form = (n: number) => (n === 1 ? 1 : 2)

  const several = (what: 'ready' | 'live', n: number) => t(`decision.${what}`, { n: some(n) }, form(n))

  /** A few sentences, of the risk only where it is not shown otherwise; the line itself when its wording is not known. */
  return function inWords(line: string, risk = true): string {
    if (line === 'no room for recordings') return t('decision.noRoom')
    const halt = haltFrom(line)
    if (halt) return t(`decision.halt.${halt}`)
    const rests = /^trunk resting until (\S+)$/.exec(line)
    if (rests?.[1]) return t('decision.trunkRests', { time: timeOfDay(rests[1]) })
    const forbidden = /^caller id not permitted: (\S+)$/.exec(line)
    if (forbidden?.[1]) return t(forbidden[1] === 'caller_id_unregistered' ? 'decision.callerIdUnregistered' : 'decision.callerId', { why: word('rule', forbidden[1]) })
    const halted = /^campaign (paused|stopped): /.exec(line)
    if (halted) return t(halted[1] === 'paused' ? 'decision.campaignPaused' : 'decision.campaignStopped')
    const waits = waitingFrom(line)
    if (waits === 'nobody') return t('decision.noList')
    if (waits?.until && waits.rule === 'hours') return t('decision.outsideHours', { time: dayTime(waits.until) })
    if (waits?.until && waits.rule === 'quota') return t('decision.quota', { time: dayTime(waits.until), leads: some(waits.leads) }, form(waits.leads))
    if (waits) {
      const lists = ['quota_full', 'list_paused'].includes(waits.rule)
      const why = waits.rule === 'retry' ? t('decision.retry') : word(lists ? 'hold' : 'rule', waits.rule)
      const said = { why, held: some(waits.held), leads: some(waits.leads) }
      return waits.until ? t('decision.waits', { time: dayTime(waits.until), ...said }) : t('decision.waitsForSomebody', said)
    }
    const read = decisionFrom(line)
    if (!read) return line || '—'
    const { outlook, held } = read
    const said = [
      t(`decision.${read.policy}`, {
        ratio: decimal(read.ratio, 1), ready: several('ready', read.ready), flight: some(read.inFlight), free: some(outlook?.free ?? 0),
        live: several('live', outlook?.live ?? 0),
      }),
    ]
    if (outlook && risk) said.push(t('decision.risk', { chance: percent(outlook.chance), price: percent(outlook.price) }))
    if (read.cancels > 0) said.push(t('decision.cancels', { n: read.cancels }, read.cancels))
    if (held) said.push(t('decision.held', { n: held.calls, by: word('limit', held.by) }, form(held.calls)))
    return said.join(' ')
  }
}
