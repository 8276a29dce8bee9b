/** A uPlot chart that follows its box, the theme and the language. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { onBeforeUnmount, onMounted, watch, type Ref } from 'vue'
import { theme } from '@/ui/theme'
import { useWords } from '@/i18n'

/** A colour of the theme in force. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

/** How every axis looks. */
export function axis(): uPlot.Axis {
  return { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui' }
}

export function usePlot(box: Ref<HTMLElement | null>, height: number, options: () => Omit<uPlot.Options, 'width' | 'height'>, data: Ref<uPlot.AlignedData>): void {
  const { locale } = useWords()
  const dark = matchMedia('(prefers-color-scheme: dark)')
  let plot: uPlot | null = null
  let watcher: ResizeObserver | null = null

  function draw(): void {
    plot?.destroy()
    if (!box.value) return
    const plain = { cursor: { show: false }, legend: { show: false }, padding: [8, 0, 0, 0] as uPlot.Padding }
    plot = new uPlot({ ...plain, ...options(), width: box.value.clientWidth, height }, data.value, box.value)
  }

  onMounted(() => {
    draw()
    watcher = new ResizeObserver(() => box.value && plot?.setSize({ width: box.value.clientWidth, height }))
    if (box.value) watcher.observe(box.value)
    dark.addEventListener('change', draw)
  })
  onBeforeUnmount(() => {
    dark.removeEventListener('change', draw)
    watcher?.disconnect()
    plot?.destroy()
  })
  watch(data, (now) => plot?.setData(now))
  watch([theme, locale], () => requestAnimationFrame(draw))
}
