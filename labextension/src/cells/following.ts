/**
 * Whether the user follows a turn, and brings its next proposal into sight if he does.
 *
 * He does as long as he has touched nothing in the notebook since he ran the prompt or the
 * last action: no key, no wheel, no pointer. Whoever reads or types elsewhere is left alone.
 */
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { MOMENT, appears } from '../moment';

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

/** Less than a cell's own padding, where nothing is to be read. */
const SLACK = 2;

/**
 * Whether the whole cell can be read where the notebook is scrolled to now; of one that is
 * taller than the view, whether it fills that down to its end, where its bar is.
 */
export function isInSight(panel: NotebookPanel, cell: Cell): boolean {
  const seen = panel.content.outerNode.getBoundingClientRect();
  const its = cell.node.getBoundingClientRect();
  const shown = Math.min(its.bottom, seen.bottom) - Math.max(its.top, seen.top);
  const whole = shown >= Math.min(its.height, seen.height) - SLACK;
  return its.height > 0 && whole && its.bottom <= seen.bottom + SLACK;
}

/** Scroll to the end of this cell, where its bar is, without taking focus or selection. */
export function bringIntoSight(panel: NotebookPanel, cell: Cell): void {
  const place = panel.content.widgets.indexOf(cell);
  if (place >= 0 && panel.isVisible) {
    appears(cell);
    void panel.content.scrollToItem(place, 'end', 0).catch(() => undefined);
    keepAtEnd(panel, cell, Date.now() + MOMENT);
  }
}

/**
 * JupyterLab scrolls by heights that it guessed: go on by the true ones, as they come, until then.
 * A slow page knows them late; before the moment is over the proposal cannot be run anyway.
 */
function keepAtEnd(panel: NotebookPanel, cell: Cell, until: number): void {
  requestAnimationFrame(() => {
    if (!cell.isDisposed && cell.node.isConnected && !isInSight(panel, cell)) {
      const { outerNode } = panel.content;
      const end = cell.node.getBoundingClientRect().bottom;
      outerNode.scrollTop += end - outerNode.getBoundingClientRect().bottom;
    }
    if (Date.now() < until) {
      keepAtEnd(panel, cell, until);
    }
  });
}
