import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // @jupyterlab packages import without file endings, which only a bundler resolves
    server: { deps: { inline: [/@jupyter/] } }
  }
});
