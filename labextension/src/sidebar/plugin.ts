/** The chat sidebar as a plugin. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookCellExecutor, INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';

import { IUserSettings } from '../commands/settings';
import { ITurns } from '../tokens';
import { trans } from '../translation';
import { addChatCommands } from './commands';
import { ErrorOffers } from './errors';
import { fix } from './quoting';
import { Sidebar } from './sidebar';

export const sidebar: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:sidebar',
  description: 'Shows the session of a notebook as a conversation.',
  autoStart: true,
  requires: [ITurns, INotebookTracker, INotebookCellExecutor, IRenderMimeRegistry, IUserSettings],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    turns: ITurns,
    tracker: INotebookTracker,
    executor: INotebookCellExecutor,
    rendermime: IRenderMimeRegistry,
    settings: IUserSettings,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const panel = new Sidebar({ app, turns, tracker, executor, rendermime, settings, trans });
    app.shell.add(panel, 'right', { rank: 600, type: 'CodeAct' });
    restorer?.add(panel, panel.id);
    addChatCommands(app, panel, tracker, palette, trans);
    offerFixes(turns, tracker, panel, trans);
  }
};

/** Below every error in a notebook. */
function offerFixes(
  turns: ITurns,
  tracker: INotebookTracker,
  sidebar: Sidebar,
  trans: TranslationBundle
): void {
  const label = trans.__('Fix with CodeAct');
  const offer = (panel: NotebookPanel): void => {
    void panel.context.ready.then(() => {
      if (!panel.isDisposed) {
        new ErrorOffers(panel, turns.of(panel), label, cell => {
          void sidebar.chat().then(({ deeds }) => {
            return deeds.sendBelow(panel, cell, { words: fix(cell.model.sharedModel, trans) });
          });
        });
      }
    });
  };
  tracker.forEach(offer);
  tracker.widgetAdded.connect((_, panel) => {
    offer(panel);
  });
}
