import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // @jupyter/ydoc reads new cells before they are in a document, and Yjs says so each time
    onConsoleLog: text => !/^(Invalid access: Add Yjs type|\[yjs#509\])/.test(text),
    // @jupyterlab packages import without file endings, which only a bundler resolves
    server: { deps: { inline: [/@jupyter/] } }
  }
});
