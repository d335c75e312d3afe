/** The card as a renderer of its MIME type. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CodeCell } from '@jupyterlab/cells';
import { INotebookCellExecutor, NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Widget } from '@lumino/widgets';

import { proposalOf, runSeenProposal } from '../cells/proposals';
import { CARD_MIME } from '../protocol/messages';
import { ITurns } from '../tokens';
import { type ICardActions, TurnCard } from './card';

export const turnCard: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:card',
  description: 'Shows how a turn stands in the output of its prompt.',
  autoStart: true,
  requires: [ITurns, IRenderMimeRegistry, INotebookCellExecutor],
  activate: (
    _,
    turns: ITurns,
    rendermime: IRenderMimeRegistry,
    executor: INotebookCellExecutor
  ) => {
    const actions = actionsWith(executor);
    const createRenderer = (): TurnCard => new TurnCard(turns, actions);
    rendermime.addFactory({ safe: true, mimeTypes: [CARD_MIME], createRenderer }, 20);
  }
};

function actionsWith(executor: INotebookCellExecutor): ICardActions {
  return {
    run: async (card, turn) => {
      const panel = above(card, NotebookPanel);
      const proposal = panel && proposalOf(panel.content, turn);
      if (panel !== null && proposal !== null) {
        await runSeenProposal(panel, proposal, executor);
      }
    },
    isFresh: card => above(card, CodeCell)?.model.executionState === 'running'
  };
}

/** The nearest widget of this kind that holds this one, or null. */
function above<T extends Widget>(
  widget: Widget,
  kind: abstract new (...given: never[]) => T
): T | null {
  let found = widget.parent;
  while (found !== null && !(found instanceof kind)) {
    found = found.parent;
  }
  return found;
}
