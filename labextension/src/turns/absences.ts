/** Notices that the user deleted a cell of a turn, or made something else of one that waits. */
import type { ISharedCell, ISharedNotebook, NotebookChange } from '@jupyter/ydoc';

import { isAction, isOpen, savedMetadata, setStatus } from '../cells/metadata';
import type { Reject } from '../protocol/messages';

/**
 * Watches cells of one notebook.
 *
 * The cells of a turn that need nothing any more are followed until it ends: their deletion
 * answers nothing, but the kernel must not bring them back to a page that is loaded anew.
 *
 * A cell that is moved is deleted and inserted in one change, so only what is missing after a
 * change is gone; and one that was made Markdown comes back under its id, as another cell.
 * Whoever removes a cell himself forgets it first. What an undo or a paste brings back was
 * answered by its deletion: nobody waits for it any more.
 */
export class Absences {
  constructor(
    private readonly notebook: ISharedNotebook,
    private readonly gone: (cellId: string, answers: boolean) => void,
    private readonly retyped: (cell: ISharedCell) => void
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

  follow(cellId: string, wanted = true): void {
    if (wanted) {
      this.followed.add(cellId);
    } else {
      this.followed.delete(cellId);
    }
  }

  /** Whether the user did away with this cell, which he may have brought back since. */
  isAnswered(cellId: string): boolean {
    return this.answered.has(cellId);
  }

  /** The notebook is another one now, and nothing of it was answered by its deletion. */
  forget(): void {
    this.watched.clear();
    this.followed.clear();
    this.answered.clear();
  }

  dispose(): void {
    this.notebook.changed.disconnect(this.onChange, this);
  }

  private onChange(_: unknown, change: NotebookChange): void {
    const known = this.watched.size + this.followed.size + this.answered.size;
    if (!change.cellsChange || known === 0) {
      return;
    }
    const there = new Map(this.notebook.cells.map(cell => [cell.getId(), cell]));
    for (const cellId of [...this.watched]) {
      const cell = there.get(cellId);
      if (!cell) {
        this.followed.delete(cellId);
        this.answer(cellId);
        this.gone(cellId, true);
      } else if (cell.cell_type !== 'code' && mustBeCode(cell)) {
        this.answer(cellId);
        this.retyped(cell);
      }
    }
    for (const cellId of [...this.followed].filter(id => !there.has(id))) {
      this.followed.delete(cellId);
      this.gone(cellId, false);
    }
    for (const cellId of this.answered) {
      const cell = there.get(cellId);
      if (cell && isAction(cell) && isOpen(cell)) {
        setStatus(cell, 'rejected');
      }
    }
  }

  private answer(cellId: string): void {
    this.watched.delete(cellId);
    this.answered.add(cellId);
  }

  private readonly watched = new Set<string>();
  private readonly followed = new Set<string>();
  /** What the user did away with, for as long as he can undo that. */
  private readonly answered = new Set<string>();
}

/** Prompts and actions are code. */
function mustBeCode(cell: ISharedCell): boolean {
  return isAction(cell) || savedMetadata(cell)?.role === 'prompt';
}

/** What the user made of a code cell. */
export function madeOf(cell: ISharedCell): NonNullable<Reject['deed']> {
  return cell.cell_type === 'markdown' ? 'made_markdown' : 'made_raw';
}
