/** What the gate sees in a cell. */
import type { Cell, CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { IOutputAreaModel } from '@jupyterlab/outputarea';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Card } from '../protocol/messages';
import { cardIn } from '../turncard/shown';
import type { IPrompt } from './over';

export function isCode(cell: Cell): cell is CodeCell {
  return cell.model.type === 'code';
}

/** Whether this cell does nothing else than stop the turn. */
export function isStop(cell: Cell): boolean {
  return (
    cell.model.type === 'code' && /^\s*%codeact\s+stop\s*$/.test(cell.model.sharedModel.getSource())
  );
}

/** Show the cell as queued, as JupyterLab does for one that the kernel has not begun. */
export function showQueued(cell: Cell): void {
  clear(cell, 'running');
}

/** Show a code cell as one that was asked for and did not run. */
export function showNotRun(cell: Cell): void {
  if (!cell.isDisposed && cell.model.type === 'code') {
    (cell.model as ICodeCellModel).executionState = 'idle';
  }
}

/** Take away what a cell showed, where its request was answered without the kernel. */
export function showNothing(cell: Cell): void {
  clear(cell, 'idle');
}

function clear(cell: Cell, state: 'running' | 'idle'): void {
  if (cell.model.type === 'code') {
    const model = cell.model as ICodeCellModel;
    model.sharedModel.transact(() => {
      model.clearExecution();
    }, false);
    model.executionState = state;
  }
}

/** The prompt cell of this id in a notebook, wherever it is moved to. */
export class PromptCell implements IPrompt {
  #changed = new Signal<this, void>(this);
  #outputs: IOutputAreaModel | null;

  constructor(
    readonly id: string,
    private readonly notebook: INotebookModel,
    readonly session: ISessionContext | null
  ) {
    this.#outputs = this.#model?.outputs ?? null;
    notebook.cells.changed.connect(this.#emit, this);
    this.#outputs?.changed.connect(this.#emit, this);
  }

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  get exists(): boolean {
    return !this.notebook.isDisposed && this.#model !== null;
  }

  get card(): Card | null {
    const model = this.#model;
    return model === null ? null : cardIn(model.outputs);
  }

  dispose(): void {
    if (!this.notebook.isDisposed) {
      this.notebook.cells.changed.disconnect(this.#emit, this);
    }
    this.#outputs?.changed.disconnect(this.#emit, this);
  }

  get #model(): ICodeCellModel | null {
    for (const cell of this.notebook.cells) {
      if (cell.id === this.id && cell.type === 'code') {
        return cell as ICodeCellModel;
      }
    }
    return null;
  }

  #emit(): void {
    this.#changed.emit();
  }
}
