/** Takes a turn out of the notebook, or what of it led nowhere; each as one undo step. */
import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';

import { METADATA_KEY } from '../protocol/messages';
import type { CellMetadata } from '../protocol/messages';
import { fingerprint } from './fingerprint';
import { branchesOf, deleteCells, isCellOf, savedMetadata, saveMetadata, turnOf } from './metadata';
import { UndoGroups } from './undo';

/** Actions that came to nothing. */
export const FAILED: ReadonlySet<string> = new Set([
  'error',
  'interrupted',
  'timed_out',
  'rejected',
  'refused'
]);

/** Remove all cells of a turn; its prompt will ask the model again when it is run. */
export function removeTurn(notebook: ISharedNotebook, turn: string): void {
  const cells = notebook.cells.filter(cell => isCellOf(cell, turn));
  new UndoGroups(notebook).apart(() => {
    for (const prompt of promptsOf(notebook, turn)) {
      forgetAnswer(prompt);
    }
    deleteCells(notebook, cells);
  });
}

/**
 * Remove the failed actions of a turn, those whose code a later action repeats, and the
 * thoughts that led to them.
 *
 * @returns How many cells went. What the user edited stays.
 */
export function tidyTurn(notebook: ISharedNotebook, turn: string): number {
  const goes = needlessOf(notebook, turn);
  if (goes.length > 0) {
    const all = notebook.cells.filter(cell => isCellOf(cell, turn));
    new UndoGroups(notebook).apart(() => {
      countAgain(notebook, turn, all.length - goes.length);
      deleteCells(notebook, goes);
    });
  }
  return goes.length;
}

/** The cells of a turn that tidying it would remove. */
export function needlessOf(notebook: ISharedNotebook, turn: string): ISharedCell[] {
  const all = notebook.cells.filter(cell => isCellOf(cell, turn));
  const actions = all.filter(cell => savedMetadata(cell)?.role === 'action');
  const needless = actions.filter(
    (cell, place) =>
      isModels(cell) && (hasFailed(cell) || isRepeated(cell, actions.slice(place + 1)))
  );
  const steps = new Set(needless.map(cell => savedMetadata(cell)?.step));
  const thoughts = all.filter(cell => {
    const saved = savedMetadata(cell);
    return saved?.role === 'thought' && steps.has(saved.step) && isModels(cell);
  });
  return [...needless, ...thoughts];
}

function promptsOf(notebook: ISharedNotebook, turn: string): ISharedCell[] {
  return notebook.cells.filter(cell => {
    return savedMetadata(cell)?.role === 'prompt' && turnOf(cell) === turn;
  });
}

/** Earlier branches stay with the prompt; all else that says it was answered goes. */
function forgetAnswer(prompt: ISharedCell): void {
  const saved = savedMetadata(prompt) as CellMetadata;
  if (branchesOf(prompt).length > 0) {
    saveMetadata(prompt, { ...saved, status: 'stopped', fingerprint: '', cells: 0 });
  } else {
    prompt.deleteMetadata(METADATA_KEY);
  }
}

/** A prompt is only taken for answered while as many cells are there as it left. */
function countAgain(notebook: ISharedNotebook, turn: string, cells: number): void {
  for (const prompt of promptsOf(notebook, turn)) {
    saveMetadata(prompt, { ...(savedMetadata(prompt) as CellMetadata), cells });
  }
}

/** Whether the text is still what the model wrote. */
function isModels(cell: ISharedCell): boolean {
  const saved = savedMetadata(cell);
  return saved?.edited !== true && saved?.fingerprint === fingerprint(cell.getSource());
}

function hasFailed(cell: ISharedCell): boolean {
  return FAILED.has(savedMetadata(cell)?.status ?? '');
}

function isRepeated(cell: ISharedCell, later: ISharedCell[]): boolean {
  const code = cell.getSource().trim();
  return later.some(other => !hasFailed(other) && other.getSource().trim() === code);
}
