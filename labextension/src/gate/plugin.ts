/** The gate as a plugin: the executor itself, and what it has to know of the notebooks. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import { INotebookCellExecutor, INotebookTracker, runCell } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';

import { IUserSettings } from '../commands/settings';
import { Keys } from '../keys';
import { ITurns } from '../tokens';
import { VERSION } from '../protocol/messages';
import { Gate, type ISurroundings } from './gate';

const IGate = new Token<Gate>('codeact-jupyter:IGate', 'Keeps the order of cells behind a turn.');

/** How long a warning is shown, in ms. */
const WARNS = 10_000;

/** Requires nothing: without an executor no notebook opens at all. */
export const gate: JupyterFrontEndPlugin<Gate> = {
  id: 'codeact-jupyter:gate',
  description: 'Holds the cells behind a turn until it is over.',
  autoStart: true,
  provides: IGate,
  activate: () => new Gate(runCell)
};

/** The stock executor stays enabled; of two providers the later one wins. */
export const executor: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: 'codeact-jupyter:executor',
  description: 'Runs notebook cells through the gate.',
  autoStart: true,
  requires: [IGate],
  provides: INotebookCellExecutor,
  activate: (_, gate: Gate) => gate
};

/** Apart from the executor, which the notebooks themselves wait for. */
export const surroundings: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:surroundings',
  description: 'Tells the gate which notebooks and turns there are.',
  autoStart: true,
  requires: [IGate, ITurns, INotebookTracker, INotebookCellExecutor, IUserSettings],
  activate: (
    _,
    gate: Gate,
    turns: ITurns,
    tracker: INotebookTracker,
    provided: INotebookCellExecutor,
    settings: IUserSettings
  ) => {
    gate.connect(surroundingsOf(turns, tracker, settings));
    if (provided !== gate) {
      const found = CodeCell as { execute: typeof CodeCell.execute };
      found.execute = gate.inFrontOf(found.execute);
    }
  }
};

function surroundingsOf(
  turns: ITurns,
  tracker: INotebookTracker,
  settings: IUserSettings
): ISurroundings {
  const keys = new Keys(window);
  return {
    version: VERSION,
    settings: () => settings.values(),
    isHeldDown: () => keys.held,
    warn: sentence => {
      Notification.warning(sentence, { autoClose: WARNS }); // by default it would only be counted
    },
    turnsOf: notebook => {
      const panel = tracker.find(found => found.content.model === notebook);
      return panel === undefined ? null : turns.of(panel);
    },
    cellOf: (notebook, id) =>
      tracker
        .find(found => found.content.model === notebook)
        ?.content.widgets.find(cell => cell.model.id === id) ?? null,
    notebookOf: cell =>
      tracker.find(found => found.content.widgets.includes(cell))?.content.model ?? null
  };
}
