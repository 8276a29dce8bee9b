/** A decision's line in the reader's language. */
import { decisionFrom, waitingFrom } from '@/pages/supervisor/decision'
import { useWords } from '@/i18n'

export function useDecisionWords() {
  const { t, dayTime, decimal, percent, timeOfDay, word } = useWords()
  /** 3 stays 3, 2.5 is written by locale. */
  const some = (n: number) => decimal(n, Number.isInteger(n) ? 0 : 1)

  /** A few sentences, of the risk only where it is not shown otherwise; the line itself when its wording is not known. */
  return function inWords(line: string, risk = true): string {
    if (line === 'no room for recordings') return t('decision.noRoom')
    const rests = /^trunk resting until (\S+)$/.exec(line)
    if (rests?.[1]) return t('decision.trunkRests', { time: timeOfDay(rests[1]) })
    const forbidden = /^caller id not permitted: (\S+)$/.exec(line)
    if (forbidden?.[1]) return t(forbidden[1] === 'caller_id_unregistered' ? 'decision.callerIdUnregistered' : 'decision.callerId', { why: word('rule', forbidden[1]) })
    const waits = waitingFrom(line)
    if (waits === 'nobody') return t('decision.noList')
    if (waits?.rule === 'hours') return t('decision.outsideHours', { time: dayTime(waits.until) })
    if (waits) {
      const why = waits.rule === 'retry' ? t('decision.retry') : word('rule', waits.rule)
      return t('decision.waits', { time: dayTime(waits.until), why, held: some(waits.held), leads: some(waits.leads) })
    }
    const read = decisionFrom(line)
    if (!read) return line || '—'
    const { outlook, held } = read
    const said = [
      t(`decision.${read.policy}`, {
        ratio: decimal(read.ratio, 1), ready: some(read.ready), flight: some(read.inFlight), free: some(outlook?.free ?? 0),
        live: some(outlook?.live ?? 0),
      }),
    ]
    if (outlook && risk) said.push(t('decision.risk', { chance: percent(outlook.chance), price: percent(outlook.price) }))
    if (read.cancels > 0) said.push(t('decision.cancels', { n: read.cancels }, read.cancels))
    if (held) said.push(t('decision.held', { n: held.calls, by: word('limit', held.by) }))
    return said.join(' ')
  }
}
