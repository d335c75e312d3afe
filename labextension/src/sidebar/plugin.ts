/** The chat sidebar as a plugin. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookCellExecutor, INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Kernel } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IUserSettings } from '../commands/settings';
import type { Variables } from '../protocol/messages';
import { ITurns } from '../tokens';
import { KernelQuestions } from './asking';
import { addChatCommands } from './commands';
import { SidebarDeeds } from './deeds';
import { ErrorOffers } from './errors';
import { SidebarModel } from './model';
import { Sidebar } from './panel';
import { fix } from './quoting';
import type { ISidebarServices } from './services';
import { Targets } from './targets';

export const sidebar: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:sidebar',
  description: 'Shows the session of a notebook as a conversation.',
  autoStart: true,
  requires: [ITurns, INotebookTracker, INotebookCellExecutor, IRenderMimeRegistry, IUserSettings],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    turns: ITurns,
    tracker: INotebookTracker,
    executor: INotebookCellExecutor,
    rendermime: IRenderMimeRegistry,
    settings: IUserSettings,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const model = new SidebarModel(tracker, turns);
    const deeds = new SidebarDeeds(model, executor, settings, app);
    const questions = questionsWith(settings);
    const panel = new Sidebar({
      model,
      deeds,
      rendermime,
      settings,
      questions,
      trans: (translator ?? nullTranslator).load('codeact_jupyter'),
      targets: new Targets(model, () => variablesOf(model, questions), app.serviceManager.contents),
      draft: { words: '', auto: false, fresh: false }
    });
    app.shell.add(panel, 'right', { rank: 600, type: 'CodeAct' });
    restorer?.add(panel, panel.id);
    addChatCommands(app, panel, deeds, tracker, palette);
    offerFixes(turns, tracker, deeds);
  }
};

/** One object for each kernel, so that what is asked at once is asked once. */
function questionsWith(settings: IUserSettings): ISidebarServices['questions'] {
  const known = new WeakMap<Kernel.IKernelConnection, KernelQuestions>();
  return kernel => {
    const found = known.get(kernel) ?? new KernelQuestions(kernel, () => settings.values());
    known.set(kernel, found);
    return found;
  };
}

async function variablesOf(
  { conversation }: SidebarModel,
  questions: ISidebarServices['questions']
): Promise<Variables['variables']> {
  const kernel = conversation?.panel.sessionContext.session?.kernel ?? null;
  const answer = kernel && (await questions(kernel).variables());
  return answer?.variables ?? [];
}

function offerFixes(turns: ITurns, tracker: INotebookTracker, deeds: SidebarDeeds): void {
  const offer = (panel: NotebookPanel): void => {
    void panel.context.ready.then(() => {
      if (!panel.isDisposed) {
        new ErrorOffers(panel, turns.of(panel), cell => {
          void deeds.sendBelow(panel, cell, { words: fix(cell.model.sharedModel) });
        });
      }
    });
  };
  tracker.forEach(offer);
  tracker.widgetAdded.connect((_, panel) => {
    offer(panel);
  });
}
