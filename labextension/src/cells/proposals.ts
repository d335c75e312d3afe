/** The proposals of a notebook: find the one that waits, and run one as the user would. */
import { type Cell, CodeCell } from '@jupyterlab/cells';
import {
  type INotebookCellExecutor,
  KernelError,
  type Notebook,
  type NotebookPanel
} from '@jupyterlab/notebook';

import { isJustThere } from '../moment';
import { ProposalBar } from './bar';
import { bringIntoSight, isInSight } from './following';
import { isProposed, turnOf } from './metadata';

/** Whether this cell is an action that was proposed, and neither decided about nor sent. */
export function isProposal(cell: Cell): cell is CodeCell {
  return cell instanceof CodeCell && isProposed(cell.model.sharedModel);
}

/** The proposal of this turn, or null. */
export function proposalOf(notebook: Notebook, turn: string): CodeCell | null {
  const found = notebook.widgets.find(
    cell => isProposal(cell) && turnOf(cell.model.sharedModel) === turn
  );
  return found instanceof CodeCell ? found : null;
}

/**
 * Run this proposal if the user can see it; one that is out of sight is brought there
 * first, and one that has just come is left to be read: nothing may run that he has not
 * read.
 */
export async function runSeenProposal(
  panel: NotebookPanel,
  cell: CodeCell,
  executor: INotebookCellExecutor
): Promise<void> {
  const bar = ProposalBar.of(cell); // one that was far away has none yet, nor its text
  if (bar === null || !isInSight(panel, cell)) {
    bringIntoSight(panel, cell);
    bar?.pause();
  } else if (!isJustThere(cell)) {
    await runProposal(panel, cell, executor);
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
  if (!panel.sessionContext.isReady) {
    // the page was loaded a moment ago: JupyterLab runs nothing before it has the kernel, and
    // says nothing
    await panel.sessionContext.ready;
  }
  if (isProposal(cell)) {
    await runCell(panel, cell, executor);
  }
}

/** Run a cell of this notebook as the user would, where he is. */
export async function runCell(
  panel: NotebookPanel,
  cell: Cell,
  executor: INotebookCellExecutor
): Promise<void> {
  const { content, sessionContext } = panel;
  if (content.model === null) {
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
    // an error is shown in the cell's output, and its turn is told of it
    if (!(reason instanceof KernelError)) {
      throw reason;
    }
  }
}
