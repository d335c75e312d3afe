/** The decorations as a plugin: one object for each notebook panel. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookCellExecutor, INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';

import { ITurns } from '../tokens';
import { continueFrom, promptToContinue } from './continuing';
import { Decorations } from './decorations';
import { runProposal } from './proposals';
import { Steady } from './steady';

export const decorations: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:decorations',
  description: 'Shows proposals and what did not run on the cells of a turn.',
  autoStart: true,
  requires: [ITurns, INotebookTracker, INotebookCellExecutor],
  activate: (_, turns: ITurns, tracker: INotebookTracker, executor: INotebookCellExecutor) => {
    const decorate = async (panel: NotebookPanel): Promise<void> => {
      await panel.context.ready;
      if (!panel.isDisposed) {
        const own = turns.of(panel);
        new Decorations(panel, own, {
          run: cell => runProposal(panel, cell, executor),
          canContinueFrom: cell => promptToContinue(panel, own, cell) !== null,
          continueFrom: cell => continueFrom(panel, own, cell, executor)
        });
        const steady = new Steady(panel.content, own);
        panel.disposed.connect(() => {
          steady.dispose();
        });
      }
    };
    tracker.forEach(panel => void decorate(panel));
    tracker.widgetAdded.connect((_, panel) => void decorate(panel));
  }
};
