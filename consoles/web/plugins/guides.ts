/** The guides of docs/ as parts of the consoles: rendered when they are built, so that nothing is fetched and nothing runs later. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import MarkdownIt, { type Token } from 'markdown-it'
import type { Plugin } from 'vite'

export interface Guide {
  title: string
  parts: { id: string; text: string }[]
  html: string
}

/** Which file a guide is in which language. */
export const FILES = {
  es: { agent: 'agente.md', supervisor: 'supervisor.md', quality: 'calidad.md' },
  en: { agent: 'agent.md', supervisor: 'supervisor.md', quality: 'quality.md' },
} as const
const DOCS = join(import.meta.dirname, '../../../docs')
const NAME = 'virtual:guides'
const OWN = new Map(Object.values(FILES).flatMap((of) => Object.entries(of).map(([guide, file]) => [file as string, `/help/${guide}`] as const)))

/** A guide's Markdown as title, table of contents and HTML: no HTML of its own, no picture, no link to what the consoles do not have. */
export function render(markdown: string): Guide {
  const markdownIt = new MarkdownIt({ html: false })
  const tokens = markdownIt.parse(markdown, {})
  const guide: Guide = { title: '', parts: [], html: '' }
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'inline') token.children = held(token.children ?? [])
    // An alignment is an inline style, which our policy blocks.
    token.attrs = token.attrs?.filter(([name]) => name !== 'style') ?? null
    if (token.type !== 'heading_open') continue
    const text = said(tokens[index + 1]?.children ?? [])
    token.attrSet('id', anchor(text))
    if (token.tag === 'h1') guide.title = text
    if (token.tag === 'h2') guide.parts.push({ id: anchor(text), text })
  }
  guide.html = markdownIt.renderer.render(tokens, markdownIt.options, {})
  return guide
}

/** The parts of a line without its pictures; a link that leads nowhere from here leaves its text behind. */
function held(tokens: Token[]): Token[] {
  const kept: Token[] = [], open: boolean[] = []
  for (const token of tokens) {
    if (token.type === 'image') continue
    if (token.type === 'link_open') {
      const target = leads(String(token.attrGet('href') ?? ''))
      open.push(target !== '')
      token.attrSet('href', target)
      if (/^https?:/.test(target)) {
        token.attrSet('target', '_blank')
        token.attrSet('rel', 'noopener noreferrer')
      }
    }
    const stays = token.type === 'link_close' ? open.pop() : token.type === 'link_open' ? open.at(-1) : true
    if (stays) kept.push(token)
  }
  return kept
}

/** Where a link of a guide leads in the consoles; '' = nowhere. */
function leads(href: string): string {
  if (/^(https?:|#)/.test(href)) return href
  const [file = '', fragment] = href.split('#')
  const page = OWN.get(file) ?? ''
  return page && fragment ? `${page}#${fragment}` : page
}

function said(tokens: Token[]): string {
  return tokens.map((token) => token.content).join('')
}

/** A heading's name in an address, as the usual renderers make it. */
function anchor(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}\- _]/gu, '').trim().replaceAll(' ', '-')
}

/** Every guide in every language, from the documentation as it is now. */
export function read(): Record<string, Record<string, Guide>> {
  const whole = Object.entries(FILES).map(([language, of]) => {
    const rendered = Object.entries(of).map(([guide, file]) => [guide, render(readFileSync(join(DOCS, language, file), 'utf-8'))])
    return [language, Object.fromEntries(rendered)]
  })
  return Object.fromEntries(whole)
}

/** `import guides from 'virtual:guides'`. */
export function guides(): Plugin {
  return {
    name: 'cadencia-guides',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load(id) {
      if (id !== `\0${NAME}`) return null
      for (const [language, of] of Object.entries(FILES)) for (const file of Object.values(of)) this.addWatchFile(join(DOCS, language, file))
      return `export default ${JSON.stringify(read())}`
    },
  }
}
