/** A cell that is held behind a turn, wherever it is moved to meanwhile. */
import type { Cell } from '@jupyterlab/cells';
import { PromiseDelegate } from '@lumino/coreutils';

import type { TurnOutcome } from '../tokens';
import { showQueued } from './cell';

/** How a hold ended: as the turn did, or as nothing is left to hold. */
export type HoldEnd = TurnOutcome | 'replaced' | 'deleted';

/**
 * Holds one cell.
 *
 * JupyterLab moves a cell by deleting it and inserting one of the same id in the same task, so
 * whether a widget that goes was moved or deleted is known only once that task is done.
 */
export class Hold {
  #end = new PromiseDelegate<'replaced' | 'deleted'>();
  #over = false;
  #cell: Cell;

  /**
   * @param cell - The widget that it has now.
   * @param find - Gives the widget that it has by then, or null where it was deleted.
   */
  constructor(
    cell: Cell,
    private readonly find: () => Cell | null
  ) {
    this.#cell = cell;
    this.#keep(cell);
  }

  /** The cell; where it was moved, its widget is another one by now. */
  get cell(): Cell {
    return this.#cell;
  }

  /** The cell was asked for again. */
  replace(): void {
    this.#end.resolve('replaced');
  }

  /** Resolves once the turn is over, or nothing is left to hold; to be asked once. */
  async until(turn: Promise<TurnOutcome>): Promise<HoldEnd> {
    const end = await Promise.race([turn, this.#end.promise]);
    this.#over = true;
    this.#cell.disposed.disconnect(this.#onDisposed, this);
    if (end === 'replaced' || !this.#cell.isDisposed) {
      return end;
    }
    const moved = this.find();
    this.#cell = moved ?? this.#cell;
    return moved === null ? 'deleted' : end;
  }

  #keep(cell: Cell): void {
    this.#cell = cell;
    cell.disposed.connect(this.#onDisposed, this);
    showQueued(cell);
  }

  #onDisposed(): void {
    queueMicrotask(() => {
      const moved = this.#over ? null : this.find();
      if (moved === null) {
        this.#end.resolve('deleted');
      } else {
        this.#keep(moved);
      }
    });
  }
}
