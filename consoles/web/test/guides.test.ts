import { describe, expect, it } from 'vitest'
import guides from 'virtual:guides'
import { read, render } from '../plugins/guides'
import { guidesOf } from '@/pages/help/guides'

describe('a guide', () => {
  it('is title, parts and text', () => {
    const guide = render('# Guía del agente\n\nHola.\n\n## Se cortó la conexión\n\n### Más\n\nNo «cuelga».\n')
    expect(guide.title).toBe('Guía del agente')
    expect(guide.parts).toEqual([{ id: 'se-cortó-la-conexión', text: 'Se cortó la conexión' }])
    expect(guide.html).toContain('<h2 id="se-cortó-la-conexión">Se cortó la conexión</h2>')
    expect(guide.html).toContain('<p>Hola.</p>')
  })

  it('has no HTML of its own, nor a style, which the policy would block', () => {
    const { html } = render('a <b onclick="x()">b</b>\n\n<script>alert(1)</script>\n\n| a |\n|--:|\n| 1 |\n')
    expect(html).not.toMatch(/<(b|script)|style=/)
    expect(html).toContain('&lt;script&gt;')
    expect(html).toContain('<td>1</td>')
  })

  it('runs nothing by a link', () => {
    expect(render('[a](javascript:alert(1)) [b](data:text/html,x)').html).not.toContain('href')
  })

  it('leads to the other guides, within itself, and to the web in a tab of its own; what else there is becomes text', () => {
    const { html } = render('[q](quality.md) [c](calidad.md#escuchar) [here](#x) [w](https://example.com/) [**r**](../index.md) [f](../../README.md)')
    expect(html).toContain('<a href="/help/quality">q</a>')
    expect(html).toContain('<a href="/help/quality#escuchar">c</a>')
    expect(html).toContain('<a href="#x">here</a>')
    expect(html).toContain('<a href="https://example.com/" target="_blank" rel="noopener noreferrer">w</a>')
    expect(html).toContain(' <strong>r</strong> f')
    expect(html.match(/<a /g)).toHaveLength(4)
    expect(html.match(/<\/a>/g)).toHaveLength(4)
  })

  it('leaves pictures out', () => {
    expect(render('a ![p](../images/es/agent.png) [![p](x.png)](calidad.md) b').html).not.toMatch(/img|png/)
  })
})

describe('the guides of the consoles', () => {
  it('are those of the documentation, whole, in both languages', () => {
    expect(guides).toEqual(read())
    expect(guides.es.agent.title).toBe('Guía del agente')
    expect(guides.en.agent.title).toBe("Agent's guide")
    for (const of of Object.values(guides)) for (const guide of Object.values(of)) expect(guide.parts.length).toBeGreaterThan(5)
  })

  it('hold no address that the consoles do not have', () => {
    const targets = Object.values(guides).flatMap((of) => Object.values(of).flatMap(({ html }) => [...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1])))
    expect([...new Set(targets)]).toEqual(['/help/quality'])
  })

  it('are shown to each role, its own first', () => {
    expect(guidesOf('agent')).toEqual(['agent'])
    expect(guidesOf('qa')).toEqual(['quality'])
    expect(guidesOf('supervisor')[0]).toBe('supervisor')
    expect(guidesOf('admin')).toEqual(guidesOf('supervisor'))
  })
})
