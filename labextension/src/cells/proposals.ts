/** The proposals of a notebook: find the one that waits, and run one as the user would. */
import { type Cell, CodeCell } from '@jupyterlab/cells';
import {
  type INotebookCellExecutor,
  KernelError,
  type Notebook,
  type NotebookPanel
} from '@jupyterlab/notebook';

import { bringIntoSight, isInSight } from './following';
import { isProposed, savedMetadata } from './metadata';

/** Whether this cell is an action that was proposed, and neither decided about nor sent. */
export function isProposal(cell: Cell): cell is CodeCell {
  return cell instanceof CodeCell && isProposed(cell.model.sharedModel);
}

/** The proposal of this turn, or null. */
export function proposalOf(notebook: Notebook, turn: string): CodeCell | null {
  const found = notebook.widgets.find(
    cell => isProposal(cell) && savedMetadata(cell.model.sharedModel)?.turn === turn
  );
  return found instanceof CodeCell ? found : null;
}

/**
 * Run this proposal if the user can see it; one that is out of sight is brought there
 * first, for nothing may run that he has not read.
 */
export async function runSeenProposal(
  panel: NotebookPanel,
  cell: CodeCell,
  executor: INotebookCellExecutor
): Promise<void> {
  if (isInSight(panel, cell)) {
    await runProposal(panel, cell, executor);
  } else {
    bringIntoSight(panel, cell);
  }
}

/**
 * Run this proposal. Not through `NotebookActions`, which would take the user out of the
 * cell that he types in.
 */
export async function runProposal(
  panel: NotebookPanel,
  cell: CodeCell,
  executor: INotebookCellExecutor
): Promise<void> {
  const { content, sessionContext } = panel;
  if (content.model === null || !isProposal(cell)) {
    return;
  }
  const nothing = (): void => undefined;
  try {
    await executor.runCell({
      cell,
      notebook: content.model,
      notebookConfig: content.notebookConfig,
      onCellExecuted: nothing,
      onCellExecutionScheduled: nothing,
      sessionContext
    });
  } catch (reason) {
    // an error of the action is shown in its output, and the turn is told of it
    if (!(reason instanceof KernelError)) {
      throw reason;
    }
  }
}
