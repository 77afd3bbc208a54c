import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));

// One UMD file: Dashboard imports it and looks for window['ui-frame-display'].UIFrameDisplay.
// Vue is Dashboard's own; a second copy could not share its components.
export default defineConfig({
  root: here,
  plugins: [vue()],
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: join(here, '..', '..', '..', 'resources'),
    emptyOutDir: false,
    sourcemap: false,
    lib: {
      entry: join(here, 'index.ts'),
      name: 'ui-frame-display',
      formats: ['umd'],
      fileName: () => 'ui-frame-display.umd.js',
    },
    rollupOptions: {
      external: ['vue', 'vuex'],
      output: { exports: 'named', globals: { vue: 'Vue', vuex: 'vuex' } },
    },
  },
});
