/** Real shared notebooks and messages for tests. */
import { YNotebook } from '@jupyter/ydoc';
import type { ISharedCell } from '@jupyter/ydoc';
import type { PartialJSONObject } from '@lumino/coreutils';

import type { Card, CellFinish, CellMetadata, CellPlace, CellRun } from '../src/protocol/messages';

export function notebookOf(...sources: string[]): YNotebook {
  return filled(new YNotebook({ disableDocumentWideUndoRedo: true }), sources);
}

export function filled(notebook: YNotebook, sources: string[]): YNotebook {
  sources.forEach((source, place) => {
    notebook.addCell({ cell_type: 'code', id: `c${place}`, source });
  });
  notebook.undoManager.clear();
  return notebook;
}

export function cellOf(notebook: YNotebook, cellId: string): ISharedCell {
  const cell = notebook.cells.find(one => one.getId() === cellId);
  if (!cell) {
    throw new Error(`no cell ${cellId}`);
  }
  return cell;
}

export function idsOf(notebook: YNotebook): string[] {
  return notebook.cells.map(cell => cell.getId());
}

export function sourcesOf(notebook: YNotebook): string[] {
  return notebook.cells.map(cell => cell.getSource());
}

export function metadata(fields: Partial<CellMetadata> = {}): CellMetadata {
  return {
    version: 1,
    session: 's',
    turn: 't1',
    step: 1,
    role: 'action',
    status: 'writing',
    model: 'm',
    seconds: 0,
    tokens: 0,
    fingerprint: '',
    edited: false,
    grade: null,
    cells: null,
    branches: null,
    wrote: null,
    ran: null,
    since: null,
    replaces: null,
    ...fields
  };
}

/** The same, as a cell keeps it. */
export function saved(fields: Partial<CellMetadata> = {}): PartialJSONObject {
  return { ...metadata(fields) } as unknown as PartialJSONObject;
}

export function indexOf(notebook: YNotebook, cellId: string): number {
  return idsOf(notebook).indexOf(cellId);
}

export function card(fields: Partial<Card> = {}): Card {
  return {
    version: 1,
    session: 's',
    turn: 't1',
    prompt_id: 'c0',
    state: 'thinking',
    step: 1,
    tokens: 1204,
    tokens_in: 0,
    tokens_out: 0,
    tokens_cached: 0,
    cost: null,
    estimated: false,
    seconds: 2,
    model: 'm',
    policy: 'ask',
    notice: '',
    ending: '',
    sentence: '',
    ...fields
  };
}

export function place(
  cell_id: string,
  fields: Partial<Omit<CellPlace, 'metadata'>> & { metadata?: Partial<CellMetadata> } = {}
): CellPlace {
  return {
    kind: 'cell.place',
    id: 1,
    prompt_id: 'c0',
    cell_id,
    cell_type: 'code',
    source: '',
    ...fields,
    metadata: metadata(fields.metadata)
  };
}

export function finish(
  cell_id: string,
  source: string,
  fields: Partial<CellMetadata> = {}
): CellFinish {
  return { kind: 'cell.finish', id: 2, cell_id, source, metadata: metadata(fields) };
}

export function runs(cell_id: string, fields: Partial<CellRun> = {}): CellRun {
  return {
    kind: 'cell.run',
    id: 3,
    turn: 't1',
    cell_id,
    fingerprint: null,
    finish: null,
    ...fields
  };
}
