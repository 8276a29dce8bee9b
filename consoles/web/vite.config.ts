import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { addresses } from './plugins/addresses.ts'
import { guides } from './plugins/guides.ts'

// CADENCIA_BACKEND: where `npm run dev` finds the API.
const backend = process.env['CADENCIA_BACKEND'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/',
  // The server puts a fresh nonce there with every page (consoles/pages.py).
  html: { cspNonce: '__CSP_NONCE__' },
  plugins: [vue(), guides(), addresses()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: { outDir: '../static', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  server: { host: '127.0.0.1', proxy: { '/api': { target: backend, ws: true, changeOrigin: false } } },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
})
