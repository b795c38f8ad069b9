import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `TIDEMARK_URL` names the server that `pnpm dev` talks to. */
const api = process.env['TIDEMARK_URL'] ?? 'http://127.0.0.1:3000';

export default defineConfig({
  // Links are relative to the page's <base>, which the server writes: the console also works below a path.
  base: './',
  plugins: [react(), tailwindcss()],
  build: {
    // Inlined assets would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/trpc': api } },
});
