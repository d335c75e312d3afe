/** What `@` offers of the notebook. */
import { expect, test } from 'vitest';
import { nullTranslator } from '@jupyterlab/translation';

import { cellTargets } from '../../src/sidebar/pointing';
import { notebookOf } from '../notebooks';

test('a hidden cell is offered only where it is the active one', () => {
  const notebook = notebookOf('x = 1', 'key = 2');
  const trans = nullTranslator.load('codeact_jupyter');
  const [, hidden] = notebook.cells;
  notebook.cells.forEach((cell, at) => {
    (cell as unknown as { execution_count: number }).execution_count = at + 1;
  });
  hidden?.setMetadata('tags', ['codeact-hide']);
  const names = (active: typeof hidden | null): string[] =>
    cellTargets(notebook, active ?? null, trans).map(({ name }) => name);
  expect(names(null)).toEqual(['In[1]']);
  expect(names(hidden ?? null)).toEqual(['selected', 'In[1]']);
});
