import { beforeEach, expect, test } from 'vitest';
import type { YNotebook } from '@jupyter/ydoc';

import { fingerprint } from '../src/cells/fingerprint';
import { needlessOf, removeTurn, tidyTurn } from '../src/cells/tidy';
import type { CellMetadata } from '../src/protocol/messages';
import { cellOf, idsOf, notebookOf, saved } from './notebooks';

let notebook: YNotebook;

beforeEach(() => {
  notebook = notebookOf('%%codeact\nq', 'mine');
  const prompt = { role: 'prompt', step: 0, status: 'answered', cells: 7 } as const;
  cellOf(notebook, 'c0').setMetadata('codeact', saved(prompt));
  own(1, 'w1', 'thought', 'done', 'Try.');
  own(1, 'a1', 'action', 'error', '1/0');
  own(2, 'w2', 'thought', 'done', 'Again.');
  own(2, 'a2', 'action', 'ok', 'x = 1');
  own(3, 'a3', 'action', 'ok', 'x = 1');
  own(4, 'a4', 'action', 'error', 'y');
  own(5, 'e1', 'answer', 'done', 'One.');
  notebook.undoManager.clear();
});

function own(
  step: number,
  id: string,
  role: CellMetadata['role'],
  status: string,
  source: string
): void {
  const codeact = saved({ role, step, status, fingerprint: fingerprint(source) });
  const cell_type = role === 'action' ? 'code' : 'markdown';
  notebook.insertCell(notebook.cells.length - 1, { id, cell_type, source, metadata: { codeact } });
}

test('a whole turn goes with its mark, and one undo brings it back', () => {
  removeTurn(notebook, 't1');
  expect(idsOf(notebook)).toEqual(['c0', 'c1']);
  expect(cellOf(notebook, 'c0').getMetadata('codeact')).toBeUndefined();
  notebook.undo();
  expect(idsOf(notebook)).toEqual(['c0', 'w1', 'a1', 'w2', 'a2', 'a3', 'a4', 'e1', 'c1']);
  expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({ status: 'answered' });
});

test('branches stay with the prompt', () => {
  const saved = cellOf(notebook, 'c0').getMetadata('codeact') as object;
  cellOf(notebook, 'c0').setMetadata('codeact', {
    ...saved,
    branches: [{ turn: 't0', cells: [] }]
  });
  removeTurn(notebook, 't1');
  expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({
    status: 'stopped',
    fingerprint: '',
    branches: [{ turn: 't0' }]
  });
});

test('what failed and what was repeated goes, with its thoughts', () => {
  expect(tidyTurn(notebook, 't1')).toBe(5);
  expect(idsOf(notebook)).toEqual(['c0', 'a3', 'e1', 'c1']);
  expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({ cells: 2 });
  notebook.undo();
  expect(idsOf(notebook)).toHaveLength(9);
  expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({ cells: 7 });
});

test('what the user edited stays', () => {
  cellOf(notebook, 'a1').setSource('1 / 2');
  expect(tidyTurn(notebook, 't1')).toBe(3);
  expect(idsOf(notebook)).toEqual(['c0', 'w1', 'a1', 'a3', 'e1', 'c1']);
});

test('a turn with nothing to tidy is left alone', () => {
  tidyTurn(notebook, 't1');
  notebook.undoManager.clear();
  expect(needlessOf(notebook, 't1')).toEqual([]);
  expect(tidyTurn(notebook, 't1')).toBe(0);
  expect(notebook.canUndo()).toBe(false);
});
