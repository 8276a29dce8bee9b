/** Words of the screens that nobody is born knowing → the text that explains each where it stands. In docs/glossary.md, too. */
export const EXPLAINED: Readonly<Record<string, string>> = {
  'setting.boost': 'settingWhy.boost',
  'setting.weight': 'settingWhy.weight',
  'setting.cancel_ringing': 'settingWhy.cancel_ringing',
  'setting.screening': 'settingWhy.screening',
  'setting.best_hour': 'settingWhy.best_hour',
  'setting.care': 'settingWhy.care',
  'setting.routing_segment': 'settingWhy.routing_segment',
  'setting.routing_success': 'settingWhy.routing_success',
  'lists.weight': 'term.listWeight',
  'floor.number.screening': 'term.screening',
  'floor.idle': 'floor.idleWhy',
  'decision.chance': 'decision.chanceWhy',
  'qa.verdict': 'term.screening',
  'routing.score': 'term.fit',
  'routing.tier': 'term.tier',
}
