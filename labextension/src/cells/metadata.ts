/** What cells keep of a turn, under one key of their metadata. */
import type { ISharedCell, ISharedCodeCell, ISharedNotebook } from '@jupyter/ydoc';
import type { PartialJSONObject } from '@lumino/coreutils';

import { METADATA_KEY } from '../protocol/messages';
import type { CellMetadata } from '../protocol/messages';

/** As a file may hold it: written by an older version, by hand, or by somebody else. */
export type SavedMetadata = Partial<CellMetadata> & {
  /** Which cell this was written for: a copy, a paste and both halves of a split keep it. */
  readonly cell_id?: string;
};

/** The tag with which a failing cell does not stop Run All. */
export const PASSES_TAG = 'raises-exception';

/** The tag of a cell that no model is to see. */
const HIDE_TAG = 'codeact-hide';

/** How an action ends that did not run; what is left of it may yet be run by the user. */
const NEVER_RAN = new Set(['rejected', 'refused', 'stopped']);

export function findCell(notebook: ISharedNotebook, cellId: string): ISharedCell | null {
  return notebook.cells.find(cell => cell.getId() === cellId) ?? null;
}

/**
 * Have the file keep the ids of the cells: before nbformat 4.5 it has none, so all cells get new
 * ones at each load, and nothing that names a cell would be true any more.
 *
 * @returns Whether it would have kept none.
 */
export function keepIds(notebook: ISharedNotebook): boolean {
  const { nbformat, nbformat_minor } = notebook;
  const keepsNone = nbformat === 4 && nbformat_minor < 5;
  if (keepsNone) {
    (notebook as { nbformat_minor: number }).nbformat_minor = 5; // read-only but in its type
  }
  return keepsNone;
}

/** What the cell keeps, or null for a cell that has nothing to do with a turn. */
export function savedMetadata(cell: ISharedCell): SavedMetadata | null {
  const found = cell.getMetadata(METADATA_KEY);
  return isObject(found) ? found : null;
}

/** Whether the user made this cell of one of a turn: it is his own, whatever it keeps. */
export function isCopy(cell: ISharedCell): boolean {
  const found = savedMetadata(cell)?.cell_id;
  return found !== undefined && found !== cell.getId();
}

/** The turn that this cell belongs to, or ''. What names no cell, as of a script, is no copy. */
export function turnOf(cell: ISharedCell): string {
  const turn: unknown = savedMetadata(cell)?.turn;
  return typeof turn === 'string' && !isCopy(cell) ? turn : '';
}

/** Whether this is a cell that a turn brought into the notebook; its prompt is not. */
export function isCellOf(cell: ISharedCell, turn: string): boolean {
  return turn !== '' && turnOf(cell) === turn && savedMetadata(cell)?.role !== 'prompt';
}

/** The cells of earlier turns that the prompt keeps; a file may hold anything there. */
export function branchesOf(cell: ISharedCell): readonly unknown[] {
  const branches: unknown = savedMetadata(cell)?.branches;
  return Array.isArray(branches) ? branches : [];
}

/** Whether a cell of a turn is half written, or a proposal that waits; none of both has run. */
export function isOpen(cell: ISharedCell): boolean {
  return isUnfinished(cell) && !hasRun(cell);
}

/** Whether the cell still says that it is written or proposed, also where it has run. */
export function isUnfinished(cell: ISharedCell): boolean {
  const status = savedMetadata(cell)?.status;
  return status === 'writing' || status === 'proposed';
}

/** Whether this is an action that was proposed, and neither decided about nor sent. */
export function isProposed(cell: ISharedCell): boolean {
  return isAction(cell) && savedMetadata(cell)?.status === 'proposed' && isOpen(cell);
}

/**
 * Whether this is an action that nobody approved: it still is a proposal, or was one to the
 * end of its turn and has not run since.
 */
export function isUnapproved(cell: ISharedCell): boolean {
  const ended = NEVER_RAN.has(savedMetadata(cell)?.status ?? '') && !hasRun(cell);
  return isAction(cell) && (isOpen(cell) || ended);
}

export function isAction(cell: ISharedCell): boolean {
  return savedMetadata(cell)?.role === 'action';
}

/** The error of a cell that the kernel refused to run, because it had been taken back. */
export const REFUSED = 'InputRejected';

/** Whether a kernel has run this cell, as far as the notebook shows it. */
export function hasRun(cell: ISharedCell): boolean {
  if (cell.cell_type !== 'code') {
    return false;
  }
  const { execution_count, outputs } = cell as ISharedCodeCell;
  const ran = typeof execution_count === 'number' || outputs.length > 0;
  return ran && !outputs.some(output => output.ename === REFUSED);
}

/** What became of a cell that has run, as its outputs tell it. */
export function statusOf(cell: ISharedCell): 'ok' | 'error' {
  const { outputs } = cell as ISharedCodeCell;
  return outputs.some(output => output.output_type === 'error') ? 'error' : 'ok';
}

/** Whether the cell asks the model something when it is run. */
export function isPrompt(cell: ISharedCell): boolean {
  return cell.cell_type === 'code' && asksModel(cell.getSource());
}

/** Whether this source is a prompt. */
export function asksModel(source: string): boolean {
  return /^\s*%%codeact(?![\w-])/.test(source);
}

/** The cells that need the package. */
export function needsPackage(source: string): boolean {
  return asksModel(source) || /^\s*%(re)?load_ext\s+codeact_jupyter\b/.test(source);
}

/** What only the notebook knows: the kernel says nothing of it. */
type OwnMetadata = Pick<CellMetadata, 'wrote' | 'ran' | 'since' | 'replaces'>;

/**
 * Write what a cell is to keep, without an undo step of its own.
 *
 * Branches and what else only the notebook knows are not removed by a message that names none.
 * Fields that say nothing are left out of the file. A copy stays one.
 */
export function saveMetadata(cell: ISharedCell, metadata: CellMetadata): void {
  const saved = savedMetadata(cell);
  const branches = metadata.branches ?? branchesOf(cell);
  write(cell, {
    ...metadata,
    cell_id: saved?.cell_id ?? cell.getId(),
    branches: branches.length > 0 ? [...branches] : null,
    wrote: metadata.wrote ?? saved?.wrote ?? null,
    ran: metadata.ran ?? saved?.ran ?? null,
    since: metadata.since ?? saved?.since ?? null,
    replaces: metadata.replaces ?? saved?.replaces ?? null
  });
}

/** Write some of what only the notebook knows of a cell; null takes it away. */
export function saveOwn(cell: ISharedCell, own: Partial<OwnMetadata>): void {
  const saved = savedMetadata(cell);
  const changes = Object.entries(own).some(
    ([name, value]) => (saved?.[name as keyof OwnMetadata] ?? null) !== value
  );
  if (saved && changes) {
    write(cell, { ...saved, ...own });
  }
}

function write(cell: ISharedCell, whole: SavedMetadata): void {
  const kept = Object.entries(whole).filter(([, value]) => value !== null);
  const value = Object.fromEntries(kept) as PartialJSONObject;
  cell.transact(() => {
    cell.setMetadata(METADATA_KEY, value);
  }, false);
}

/** Write what became of a cell. */
export function setStatus(cell: ISharedCell, status: string): void {
  saveMetadata(cell, { ...(savedMetadata(cell) as CellMetadata), status });
}

/** From now on the cell has nothing to do with a turn; without an undo step of its own. */
export function detach(cell: ISharedCell): void {
  cell.transact(() => {
    cell.deleteMetadata(METADATA_KEY);
  }, false);
}

export function tagsOf(cell: ISharedCell): string[] {
  const tags = cell.getMetadata('tags');
  return Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : [];
}

/** Whether no model is to see this cell. */
export function isHidden(cell: ISharedCell): boolean {
  return tagsOf(cell).includes(HIDE_TAG);
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
