/** Tells the server which addresses are pages: `addresses.json` beside the built page. */
import type { Plugin } from 'vite'
import { ADDRESSES } from '../src/addresses.ts'

export const FILE = 'addresses.json'

export function addresses(): Plugin {
  return {
    name: 'cadencia-addresses',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: FILE, source: JSON.stringify([...new Set(ADDRESSES.map((one) => one.path))]) })
    },
  }
}
