/** What cells keep of a turn, under one key of their metadata. */
import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';
import type { PartialJSONObject } from '@lumino/coreutils';

import { METADATA_KEY } from '../protocol/messages';
import type { CellMetadata } from '../protocol/messages';

/** As a file may hold it: written by an older version, by hand, or by somebody else. */
export type SavedMetadata = Partial<CellMetadata>;

/** The tag with which a failing cell does not stop Run All. */
export const PASSES_TAG = 'raises-exception';

/** The tag of a cell that no model is to see. */
export const HIDE_TAG = 'codeact-hide';

export function findCell(notebook: ISharedNotebook, cellId: string): ISharedCell | null {
  return notebook.cells.find(cell => cell.getId() === cellId) ?? null;
}

/** What the cell keeps, or null for a cell that has nothing to do with a turn. */
export function savedMetadata(cell: ISharedCell): SavedMetadata | null {
  const found = cell.getMetadata(METADATA_KEY);
  return isObject(found) ? found : null;
}

/** Whether this is a cell that a turn brought into the notebook; its prompt is not. */
export function isCellOf(cell: ISharedCell, turn: string): boolean {
  const saved = savedMetadata(cell);
  return turn !== '' && saved?.turn === turn && saved.role !== 'prompt';
}

/** Whether a cell of a turn is half written, or a proposal that waits. */
export function isOpen(cell: ISharedCell): boolean {
  const status = savedMetadata(cell)?.status;
  return status === 'writing' || status === 'proposed';
}

/** Whether the cell asks the model something when it is run. */
export function isPrompt(cell: ISharedCell): boolean {
  return cell.cell_type === 'code' && /^%%codeact\b/.test(cell.getSource().trimStart());
}

/**
 * Write what a cell is to keep, without an undo step of its own.
 *
 * Branches live in the notebook only, so a message that names none does not remove them.
 * Fields that say nothing are left out of the file.
 */
export function saveMetadata(cell: ISharedCell, metadata: CellMetadata): void {
  const branches = metadata.branches ?? savedMetadata(cell)?.branches ?? null;
  const kept = Object.entries({ ...metadata, branches }).filter(([, value]) => value !== null);
  const value = Object.fromEntries(kept) as PartialJSONObject;
  cell.transact(() => {
    cell.setMetadata(METADATA_KEY, value);
  }, false);
}

export function tagsOf(cell: ISharedCell): string[] {
  const tags = cell.getMetadata('tags');
  return Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : [];
}

/**
 * Delete cells from the last to the first: the list of a shared notebook shows a change only
 * when its transaction has ended, so until then places are counted as they were.
 */
export function deleteCells(notebook: ISharedNotebook, cells: readonly ISharedCell[]): void {
  const places = cells.map(cell => notebook.cells.indexOf(cell)).filter(place => place >= 0);
  notebook.transact(() => {
    for (const place of places.sort((one, other) => other - one)) {
      notebook.deleteCell(place);
    }
  });
}

/** Add or remove a tag, without an undo step of its own. */
export function setTag(cell: ISharedCell, tag: string, wanted: boolean): void {
  const others = tagsOf(cell).filter(one => one !== tag);
  const tags = wanted ? [...others, tag] : others;
  cell.transact(() => {
    if (tags.length > 0) {
      cell.setMetadata('tags', tags);
    } else {
      cell.deleteMetadata('tags');
    }
  }, false);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
