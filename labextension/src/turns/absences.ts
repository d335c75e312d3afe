/** Notices that the user deleted a cell that a turn waits for. */
import type { ISharedNotebook, NotebookChange } from '@jupyter/ydoc';

/**
 * Watches cells of one notebook.
 *
 * A cell that is moved is deleted and inserted in one change, so only what is missing after a
 * change is gone. Whoever removes a cell himself forgets it first.
 */
export class Absences {
  constructor(
    private readonly notebook: ISharedNotebook,
    private readonly gone: (cellId: string) => void
  ) {
    notebook.changed.connect(this.onChange, this);
  }

  watch(cellId: string, wanted = true): void {
    if (wanted) {
      this.watched.add(cellId);
    } else {
      this.watched.delete(cellId);
    }
  }

  /** Nothing is waited for any more. */
  clear(): void {
    this.watched.clear();
  }

  dispose(): void {
    this.notebook.changed.disconnect(this.onChange, this);
  }

  private onChange(_: unknown, change: NotebookChange): void {
    if (!change.cellsChange || this.watched.size === 0) {
      return;
    }
    const there = new Set(this.notebook.cells.map(cell => cell.getId()));
    for (const cellId of [...this.watched]) {
      if (!there.has(cellId)) {
        this.watched.delete(cellId);
        this.gone(cellId);
      }
    }
  }

  private readonly watched = new Set<string>();
}
