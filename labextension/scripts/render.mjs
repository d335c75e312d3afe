/**
 * Renders Markdown as JupyterLab does, for a test of `codeact_jupyter/markdown.py`: reads one
 * JSON string per line, writes the HTML of each as one, with `<mermaid>` for a diagram.
 */

import process from 'node:process';
import { createInterface } from 'node:readline';

globalThis.navigator ??= { appName: '' }; // read by latex.js; Node.js has it from version 21 on

const { marked } = await import('marked');
const { removeMath, replaceMath } = await import('@jupyterlab/rendermime/lib/latex.js');

const code = token => (token.lang === 'mermaid' ? '<mermaid>' : false);
marked.use({ gfm: true, renderer: { code } });

for await (const line of createInterface({ input: process.stdin })) {
  const { text, math } = removeMath(JSON.parse(line));
  const html = replaceMath(marked.parse(text), math);
  process.stdout.write(`${JSON.stringify(html)}\n`);
}
