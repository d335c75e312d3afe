import { beforeEach, describe, expect, test } from 'vitest';
import type { ISharedCodeCell, YNotebook } from '@jupyter/ydoc';

import { fingerprint } from '../src/cells/fingerprint';
import { Ledger } from '../src/cells/ledger';
import { NotebookReader } from '../src/cells/reader';
import { CellWriter } from '../src/cells/writer';
import type { NotebookChange } from '../src/protocol/messages';
import { cellOf, finish, metadata, notebookOf, place, saved } from './notebooks';

const PNG = 'iVBORw0KGgo=';

let notebook: YNotebook;
let writer: CellWriter;
let reader: NotebookReader;

beforeEach(() => {
  notebook = notebookOf('import pandas', 'x = 1', '%%codeact\nhow many?', 'below()');
  const ledger = new Ledger();
  writer = new CellWriter(notebook, ledger);
  reader = new NotebookReader(notebook, ledger);
});

function read(characters = 10_000) {
  return reader.read({ kind: 'notebook.read', id: 1, prompt_id: 'c2', characters });
}

function news(characters = 10_000): NotebookChange[] {
  return reader.news({ kind: 'notebook.news', id: 1, prompt_id: 'c2', characters }).changes;
}

describe('reading', () => {
  test('says what stands above the prompt, in its order', () => {
    const { cells, left_out, hidden } = read();
    expect(cells?.map(cell => cell.source)).toEqual(['import pandas', 'x = 1']);
    expect(left_out).toBe(0);
    expect(hidden).toEqual([]);
  });

  test('says what stands in the whole notebook for a prompt at its end that is not there yet', () => {
    const message = { kind: 'notebook.read', id: 1, characters: 10_000 } as const;
    const { cells } = reader.read({ ...message, prompt_id: '' });
    expect(cells?.map(cell => cell.cell_id)).toEqual(['c0', 'c1', 'c2', 'c3']);
    expect(reader.read({ ...message, prompt_id: 'nowhere' }).error).toBe('gone');
  });

  test('keeps the newest where not all fit', () => {
    const { cells, left_out } = read(110);
    expect(cells?.map(cell => cell.source)).toEqual(['x = 1']);
    expect(left_out).toBe(1);
  });

  test('leaves out hidden cells and those of this very turn; earlier prompts are words', () => {
    cellOf(notebook, 'c0').setMetadata('tags', ['codeact-hide']);
    cellOf(notebook, 'c1').setSource('%%codeact\nearlier?');
    cellOf(notebook, 'c2').setMetadata('codeact', saved({ role: 'prompt' }));
    writer.place(place('a1', { prompt_id: 'c2', source: 'y' }));
    notebook.moveCell(3, 0);
    expect(notebook.cells[0]?.getId()).toBe('a1');
    expect(read().cells).toEqual([
      {
        cell_id: 'c1',
        cell_type: 'markdown',
        source: '%%codeact\nearlier?',
        execution_count: null,
        outputs: [],
        turn: ''
      }
    ]);
  });

  test('says which cells are hidden, wherever they stand, and not what is in them', () => {
    for (const [cellId, source] of [
      ['c0', 'key = 1\n\n'],
      ['c3', 'below()']
    ] as const) {
      cellOf(notebook, cellId).setSource(source);
      cellOf(notebook, cellId).setMetadata('tags', ['codeact-hide']);
    }
    expect(read().hidden).toEqual([fingerprint('key = 1'), fingerprint('below()')]);
  });

  test('cuts long outputs, names pictures, and leaves out cards', () => {
    (cellOf(notebook, 'c1') as ISharedCodeCell).setOutputs([
      { output_type: 'stream', name: 'stdout', text: `${'a'.repeat(5_000)}end` },
      {
        output_type: 'execute_result',
        execution_count: 3,
        metadata: {},
        data: { 'text/plain': '<Figure>', 'text/html': '<b>', 'image/png': PNG }
      },
      { output_type: 'display_data', metadata: {}, data: { 'text/html': '<i>' } },
      {
        output_type: 'display_data',
        metadata: {},
        data: { 'application/vnd.codeact.turn+json': {}, 'text/plain': 'card' }
      },
      { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['one', 'two'] }
    ]);
    const outputs = read().cells?.at(-1)?.outputs ?? [];
    expect(outputs[0]?.text).toMatch(/^a+\n\[… 3,003 characters left out …\]\na+end$/);
    expect(outputs.slice(1)).toEqual([
      {
        output_type: 'execute_result',
        execution_count: 3,
        metadata: {},
        data: { 'text/plain': '<Figure>', 'image/png': '[image/png]' }
      },
      { output_type: 'display_data', metadata: {}, data: { 'text/html': '<i>' } },
      { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['one\ntwo'] }
    ]);
  });

  test('is gone where the prompt went', () => {
    notebook.deleteCell(2);
    expect(read().error).toBe('gone');
  });
});

describe('news', () => {
  test('are none before the first look, nor for what we write', () => {
    expect(news()).toEqual([]);
    writer.place(place('a1', { prompt_id: 'c2' }));
    writer.text({ kind: 'cell.text', cell_id: 'a1', at: 0, text: 'y' });
    writer.finish(finish('a1', 'y = 2', { status: 'ok' }));
    expect(news()).toEqual([]);
    writer.remove({
      kind: 'cell.remove',
      id: 3,
      cell_id: 'a1',
      fingerprint: fingerprint('y = 2'),
      metadata: metadata({ status: 'rejected' })
    });
    expect(news()).toEqual([]);
  });

  test('are what the user edited, deleted and added, once', () => {
    read();
    writer.place(place('a1', { prompt_id: 'c2', metadata: { step: 4 } }));
    writer.finish(finish('a1', 'y = 2', { status: 'ok', step: 4 }));
    cellOf(notebook, 'a1').setSource('y = 3');
    notebook.deleteCell(0);
    notebook.addCell({ cell_type: 'code', id: 'new', source: 'z' });
    notebook.addCell({ cell_type: 'code', id: 'empty', source: '' });
    expect(news()).toEqual([
      { cell_id: 'a1', what: 'edited', role: 'action', step: 4, source: 'y = 3' },
      { cell_id: 'new', what: 'added', role: null, step: null, source: 'z' },
      { cell_id: 'c0', what: 'deleted', role: null, step: null, source: '' }
    ]);
    expect(news()).toEqual([]);
  });

  test('do not count outputs, moves, or a cell that is still open', () => {
    read();
    (cellOf(notebook, 'c1') as ISharedCodeCell).setOutputs([
      { output_type: 'stream', name: 'stdout', text: '1' }
    ]);
    notebook.moveCell(0, 1);
    writer.place(place('a1', { prompt_id: 'c2' }));
    cellOf(notebook, 'a1').setSource('typed\n');
    expect(news()).toEqual([]);
    writer.finish(finish('a1', 'y', { status: 'ok' }));
    expect(news()).toMatchObject([{ cell_id: 'a1', what: 'edited', source: 'typed\ny' }]);
  });

  test('are cut to the budget', () => {
    read();
    cellOf(notebook, 'c1').setSource('q'.repeat(500));
    expect(news(100)[0]?.source).toMatch(/400 characters left out/);
  });
});
