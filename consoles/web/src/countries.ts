/** Countries whose numbers a file may hold, those that call most first. Names are the browser's own, in the reader's language. */
const FIRST = 'ES MX AR CO CL PE EC VE BO UY PY CR PA GT HN NI SV DO PR CU BR PT US GB'
const ALL =
  'AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU ' +
  'CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL ' +
  'IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT ' +
  'MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM ' +
  'SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW'

export interface Country {
  code: string
  name: string
}

function named(codes: readonly string[], locale: string): Country[] {
  const names = new Intl.DisplayNames([locale], { type: 'region' })
  return codes.map((code) => ({ code, name: names.of(code) ?? code })).sort((one, other) => one.name.localeCompare(other.name, locale))
}

/** Two groups: the countries most asked for, and all others. */
export function countries(locale: string): [Country[], Country[]] {
  const first = FIRST.split(' ')
  return [named(first, locale), named(ALL.split(' ').filter((code) => !first.includes(code)), locale)]
}
