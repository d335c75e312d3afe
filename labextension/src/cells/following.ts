/**
 * Whether the user follows a turn, and brings its next proposal into sight if he does.
 *
 * He does as long as he has touched nothing in the notebook since he ran the prompt or the
 * last action: no key, no wheel, no pointer. Whoever reads or types elsewhere is left alone.
 */
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';

const TOUCHES = ['keydown', 'wheel', 'pointerdown', 'touchmove'] as const;

export class Following {
  #touched = true;

  constructor(private readonly panel: NotebookPanel) {
    for (const touch of TOUCHES) {
      panel.node.addEventListener(touch, this.#touch, { capture: true, passive: true });
    }
  }

  /** The user let something of a turn run. */
  began(): void {
    this.#touched = false;
  }

  /** Something waits for the user. */
  reveal(cell: Cell): void {
    if (!this.#touched && !isInSight(this.panel, cell)) {
      bringIntoSight(this.panel, cell);
    }
  }

  readonly #touch = (): void => {
    this.#touched = true;
  };
}

/** Whether the whole cell can be read where the notebook is scrolled to now. */
export function isInSight(panel: NotebookPanel, cell: Cell): boolean {
  const seen = panel.content.outerNode.getBoundingClientRect();
  const its = cell.node.getBoundingClientRect();
  return its.height > 0 && its.bottom > seen.top && its.bottom <= seen.bottom + 1;
}

/** Scroll to the end of this cell, where its bar is, without taking focus or selection. */
export function bringIntoSight(panel: NotebookPanel, cell: Cell): void {
  const place = panel.content.widgets.indexOf(cell);
  if (place >= 0 && panel.isVisible) {
    void panel.content.scrollToItem(place, 'end').catch(() => undefined);
  }
}
