/** Offers, below an error that a cell shows, to ask the model for its cause. */
import { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';

import { putAtEnd } from '../cells/ends';
import { isHidden, turnOf } from '../cells/metadata';
import { button } from '../dom';
import type { INotebookTurns } from '../tokens';
import { errorOf } from './quoting';

export class ErrorOffers {
  #known = new WeakSet<CodeCell>();
  #offers = new Map<CodeCell, Widget>();
  #state = '';

  constructor(
    private readonly panel: NotebookPanel,
    private readonly turns: INotebookTurns,
    private readonly label: string,
    private readonly fix: (cell: CodeCell) => void
  ) {
    turns.changed.connect(this.#onTurns, this);
    panel.disposed.connect(() => {
      turns.changed.disconnect(this.#onTurns, this);
    });
    panel.content.modelChanged.connect(this.#follow, this);
    this.#follow();
  }

  #follow(): void {
    this.panel.content.model?.cells.changed.connect(() => {
      queueMicrotask(() => {
        this.#update(); // new cells have their widgets then
      });
    });
    this.#update();
  }

  /** A turn tells of each of its steps; to look at all cells for that would slow long notebooks. */
  #onTurns(): void {
    const { running, connected } = this.turns;
    const state = JSON.stringify([running?.id, connected]);
    if (state !== this.#state) {
      this.#state = state;
      this.#update();
    }
  }

  #update(): void {
    if (this.panel.isDisposed) {
      return;
    }
    for (const cell of this.panel.content.widgets) {
      if (cell instanceof CodeCell) {
        if (!this.#known.has(cell)) {
          this.#known.add(cell);
          for (const changed of [cell.model.outputs.changed, cell.model.metadataChanged]) {
            changed.connect(() => {
              this.#show(cell);
            });
          }
        }
        this.#show(cell);
      }
    }
  }

  /** The model reads the errors of its own turn anyway, and is to see nothing of hidden cells. */
  #show(cell: CodeCell): void {
    const { running, connected } = this.turns;
    const { sharedModel } = cell.model;
    const own = running !== null && turnOf(sharedModel) === running.id;
    const asks = connected && !own && !cell.isDisposed && !isHidden(sharedModel);
    const known = this.#offers.get(cell);
    if (!asks || !showsError(cell)) {
      known?.dispose();
      this.#offers.delete(cell);
    } else if (known === undefined) {
      this.#offers.set(cell, this.#offer(cell));
    }
  }

  #offer(cell: CodeCell): Widget {
    const offer = new Widget();
    offer.addClass('codeact-Note');
    offer.node.append(
      button(this.label, '', () => {
        this.fix(cell);
      })
    );
    putAtEnd(cell, offer);
    return offer;
  }
}

function showsError({ model }: CodeCell): boolean {
  for (let at = 0; at < model.outputs.length; at += 1) {
    if (model.outputs.get(at).type === 'error') {
      return errorOf(model.sharedModel) !== '';
    }
  }
  return false;
}
