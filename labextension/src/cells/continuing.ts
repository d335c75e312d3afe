/** Goes on from a step that has run: its prompt is asked again, and keeps the steps up to it. */
import type { Cell } from '@jupyterlab/cells';
import type { INotebookCellExecutor, NotebookPanel } from '@jupyterlab/notebook';

import type { INotebookTurns } from '../tokens';
import { hasRun, isAction, savedMetadata, turnOf } from './metadata';
import { runCell } from './proposals';

/** The prompt that a turn can be asked for anew from this cell, or null. */
export function promptToContinue(
  panel: NotebookPanel,
  turns: INotebookTurns,
  cell: Cell
): Cell | null {
  const { sharedModel } = cell.model;
  const turn = turnOf(sharedModel);
  if (turn === '' || turns.running !== null || !isAction(sharedModel) || !hasRun(sharedModel)) {
    return null;
  }
  const prompt = panel.content.widgets.find(({ model }) => {
    return (
      savedMetadata(model.sharedModel)?.role === 'prompt' && turnOf(model.sharedModel) === turn
    );
  });
  return prompt ?? null;
}

/** Ask for the steps after this cell's again; the ones that were there become a branch. */
export async function continueFrom(
  panel: NotebookPanel,
  turns: INotebookTurns,
  cell: Cell,
  executor: INotebookCellExecutor
): Promise<void> {
  const prompt = promptToContinue(panel, turns, cell);
  if (prompt !== null) {
    const { step } = savedMetadata(cell.model.sharedModel) ?? {};
    const takeBack = turns.decisions.continueFrom(prompt.model.id, step ?? 0);
    await runCell(panel, prompt, executor).finally(takeBack);
  }
}
