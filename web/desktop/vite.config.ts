import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import ElementPlus from 'unplugin-element-plus/vite'
import { defineConfig } from 'vitest/config'

const server = process.env.HOTLINE_DEV_SERVER ?? 'http://127.0.0.1:21700'

export default defineConfig({
  // The second plugin adds the style sheet of each Element Plus component that is imported by name; tests need none.
  plugins: [vue(), ...(process.env.VITEST ? [] : [ElementPlus({})])],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules[\\/](@vue|vue|vue-router|pinia)[\\/]/, priority: 3 },
            { name: 'phone', test: /node_modules[\\/](jssip|events|sdp-transform|debug)[\\/]/, priority: 2 },
            { name: 'charts', test: /node_modules[\\/](echarts|zrender|vue-echarts)[\\/]/, priority: 2 },
            { name: 'ui', test: /node_modules[\\/]/, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    port: 21701,
    proxy: {
      '/api': server,
      '/live': { target: server, ws: true },
      '/sip': { target: server, ws: true },
    },
  },
  test: {
    include: ['tests/**/*.test.ts'],
  },
})
