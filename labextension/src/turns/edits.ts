/** Keeps what the model wrote where the user changes it, and says what that makes stale. */
import type { CellChange, ISharedCell, ISharedNotebook, NotebookChange } from '@jupyter/ydoc';
import type { IDisposable } from '@lumino/disposable';

import { fingerprint } from '../cells/fingerprint';
import { isAction, isCellOf, isCopy, savedMetadata, saveOwn, turnOf } from '../cells/metadata';

/** How an action stands that has run. */
const RAN = new Set(['ok', 'error', 'interrupted', 'timed_out']);

/**
 * Follows the actions of one notebook.
 *
 * The file keeps only the fingerprint of what the model wrote, as most actions stay as they
 * are. So the text itself is remembered here, from when the cell was whole or the page was
 * loaded, and goes into the cell with the user's first change of it. It never runs anything
 * and never touches a text.
 */
export class Edits implements IDisposable {
  constructor(private readonly notebook: ISharedNotebook) {
    notebook.changed.connect(this.onCells, this);
    notebook.cells.forEach(cell => {
      this.follow(cell);
    });
  }

  /** The cell is whole now. */
  note(cell: ISharedCell): void {
    this.texts.set(cell.getId(), cell.getSource());
  }

  /**
   * The kernel was sent this action. Where it ran before, with another text, what its turn did
   * after it is of a state that is no more.
   */
  sent(cell: ISharedCell): void {
    const saved = savedMetadata(cell);
    const now = fingerprint(cell.getSource());
    const before = saved?.ran ?? saved?.fingerprint;
    const again = RAN.has(saved?.status ?? '');
    saveOwn(cell, { ran: now === saved?.fingerprint ? null : now });
    if (again && before !== now) {
      saveOwn(cell, { since: 'changed' });
      for (const later of this.after(cell)) {
        saveOwn(later, { since: 'stale' });
      }
    } else if (saved?.since === 'stale') {
      saveOwn(cell, { since: null });
    }
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  dispose(): void {
    this.disposed = true;
    this.notebook.changed.disconnect(this.onCells, this);
  }

  /** The actions of later steps of the same turn, as far as they have run. */
  private after(cell: ISharedCell): ISharedCell[] {
    const turn = turnOf(cell);
    const step = savedMetadata(cell)?.step ?? 0;
    return this.notebook.cells.filter(other => {
      const saved = savedMetadata(other);
      const later = isCellOf(other, turn) && isAction(other) && (saved?.step ?? 0) > step;
      return later && RAN.has(saved?.status ?? '');
    });
  }

  private onCells(_: unknown, { cellsChange }: NotebookChange): void {
    for (const { insert } of cellsChange ?? []) {
      insert?.forEach(cell => {
        this.follow(cell);
      });
    }
  }

  private follow(cell: ISharedCell): void {
    if (cell.cell_type !== 'code') {
      return;
    }
    const status = savedMetadata(cell)?.status;
    if (isAction(cell) && status !== 'writing') {
      this.note(cell);
    }
    cell.changed.connect(this.onCell, this);
  }

  private onCell(sender: unknown, { sourceChange }: CellChange): void {
    const cell = sender as ISharedCell;
    const saved = savedMetadata(cell);
    if (!sourceChange || this.disposed || !isAction(cell) || isCopy(cell)) {
      return;
    }
    const source = cell.getSource();
    const before = saved?.wrote ?? this.texts.get(cell.getId());
    if (saved?.status !== 'writing' && before !== undefined) {
      const known = source !== before && fingerprint(before) === saved?.fingerprint;
      saveOwn(cell, { wrote: known ? before : null });
    }
  }

  private disposed = false;
  /** By cell id. */
  private readonly texts = new Map<string, string>();
}
