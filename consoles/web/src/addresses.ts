/** Every address of the consoles, once: the router stands on it, and the server answers these and no others with the page. */
import type { Role } from './api/types.ts'

export type PageName = 'login' | 'agent' | 'supervisor' | 'portfolio' | 'qa' | 'help' | 'gallery'

export interface Address {
  path: string
  page: PageName
  /** The part of the page that is shown; '' = it has none, or shows its first. */
  part: string
  /** Keys of the texts of its title, the nearest first. */
  title: string[]
  /** Who may open it. */
  roles: Role[]
}

const EVERYBODY: Role[] = ['agent', 'supervisor', 'admin', 'qa']
const LEADERS: Role[] = ['supervisor', 'admin']
const LISTENERS: Role[] = ['supervisor', 'admin', 'qa']

function address(path: string, page: PageName, roles: Role[], title: string[], part = ''): Address {
  return { path, page, part, title, roles }
}

/** One of a page's tabs: the first stands at the page's own address. */
function tab(page: PageName, part: string, roles: Role[], group: string, path = part): Address {
  return address(`/${page}${path && `/${path}`}`, page, roles, [`${group}.${part}`, `header.page.${page}`], part)
}

const floor = (part: string, path = part) => tab('supervisor', part, LEADERS, 'floor.tab', path)
const portfolio = (part: string, path = part) => tab('portfolio', part, LEADERS, 'portfolio.tab', path)
const recording = (part: string, name: string) => address(`/qa/recordings/:id(\\d+)${part && `/${part}`}`, 'qa', LISTENERS, [name, 'header.page.qa'], part)
const guide = (part: string, roles: Role[]) => address(`/help/${part}`, 'help', roles, [`help.${part}`, 'help.title'], part)

export const ADDRESSES: Address[] = [
  address('/login', 'login', [], ['login.enter']),
  address('/agent', 'agent', ['agent'], ['header.page.agent']),
  floor('agents', ''), floor('persons'), floor('persons', 'persons/:id(\\d+)'), floor('import'), floor('alarms'), floor('health'),
  ...['lists', 'held', 'callbacks', 'rules', 'skills', 'settings', 'numbers', 'complaints', 'trunks', 'jobs'].map((part, index) => portfolio(part, index > 0 ? part : '')),
  tab('portfolio', 'wishes', ['admin'], 'portfolio.tab'),
  address('/qa', 'qa', LISTENERS, ['header.page.qa']),
  recording('', 'qa.scorecard'), recording('timeline', 'qa.timeline'), recording('verdict', 'qa.verdict'),
  address('/gallery', 'gallery', LEADERS, ['gallery.title']),
  address('/help', 'help', EVERYBODY, ['help.title']),
  guide('agent', ['agent', ...LEADERS]), guide('supervisor', LEADERS), guide('quality', LISTENERS),
]

/** The address that stands for a part of a page. */
export function pathOf(page: PageName, part: string): string {
  return ADDRESSES.find((one) => one.page === page && one.part === part)?.path ?? `/${page}`
}
