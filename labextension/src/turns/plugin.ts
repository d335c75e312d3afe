/** Provides the turns of all open notebooks. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookCellExecutor, INotebookTracker } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { ITurns } from '../tokens';
import type { INotebookTurns } from '../tokens';
import { speakWith } from '../translation';
import { PanelPlace } from './panel';
import type { IPanelServices } from './panel';
import { NotebookTurns } from './turns';

class Turns implements ITurns {
  constructor(
    private readonly tracker: INotebookTracker,
    private readonly services: IPanelServices
  ) {
    tracker.widgetAdded.connect((_, panel) => {
      this.of(panel);
    });
    tracker.forEach(panel => {
      this.of(panel);
    });
    window.addEventListener('pagehide', ({ persisted }) => {
      if (!persisted) {
        tracker.forEach(panel => this.notebooks.get(panel.context)?.turns.leave());
      }
    });
  }

  get current(): INotebookTurns | null {
    const panel = this.tracker.currentWidget;
    return panel && this.of(panel);
  }

  get changed(): ISignal<this, INotebookTurns> {
    return this.changedSignal;
  }

  of(panel: NotebookPanel): NotebookTurns {
    const known = this.notebooks.get(panel.context);
    if (known) {
      known.place.show(panel);
      return known.turns;
    }
    const place = new PanelPlace(panel, this.services);
    const turns = new NotebookTurns(place);
    turns.changed.connect(changed => {
      this.changedSignal.emit(changed);
    });
    this.notebooks.set(panel.context, { place, turns });
    return turns;
  }

  around(node: HTMLElement): INotebookTurns | null {
    const panel = this.tracker.find(candidate => candidate.node.contains(node));
    return panel ? this.of(panel) : null;
  }

  /** By its context, which all views of a notebook share, as they do its kernel. */
  private readonly notebooks = new WeakMap<
    NotebookPanel['context'],
    { readonly place: PanelPlace; readonly turns: NotebookTurns }
  >();
  private readonly changedSignal = new Signal<this, INotebookTurns>(this);
}

export const turnsPlugin: JupyterFrontEndPlugin<ITurns> = {
  id: 'codeact-jupyter:turns',
  description: 'Provides the turns of the open notebooks.',
  autoStart: true,
  provides: ITurns,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    translator: ITranslator | null
  ): ITurns => {
    speakWith(translator);
    return new Turns(tracker, {
      contents: app.serviceManager.contents,
      // not a dependency of the plugin: whoever runs cells may need our turns first
      executor: () => app.resolveOptionalService(INotebookCellExecutor),
      translator
    });
  }
};
