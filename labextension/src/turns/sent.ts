/** The actions that the kernel was sent, until it replies, and those that ran. */
import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';

import { findCell, isUnapproved, isUnfinished, savedMetadata, setStatus } from '../cells/metadata';

/** An action as it was when the kernel was sent it. */
interface ISentCell {
  /** Undo and redo bring it back as another one, which hears nothing of what it puts out. */
  readonly cell: ISharedCell;
  /** What it was where nobody had approved it before. */
  readonly unapproved?: string;
  /** Whether its turn had done with it, and so says nothing of what comes of it now. */
  readonly settled: boolean;
}

export class SentCells {
  note(cell: ISharedCell): void {
    const id = cell.getId();
    const status = savedMetadata(cell)?.status ?? '';
    const awaited = isUnfinished(cell) || status === 'running';
    const settled = this.ran.has(id) || !awaited;
    this.cells.set(id, { cell, settled, ...(isUnapproved(cell) ? { unapproved: status } : {}) });
  }

  /** The kernel replied that it ran. */
  replied(cellId: string): ISentCell | undefined {
    const sent = this.take(cellId);
    if (sent) {
      this.ran.add(cellId);
    }
    if (sent?.settled === true && sent.unapproved === undefined) {
      this.ranAgain.add(cellId);
    }
    return sent;
  }

  /** The kernel replied that it did not run: it is what it was before. */
  aborted(cell: ISharedCell): void {
    const before = this.take(cell.getId())?.unapproved;
    if (before !== undefined) {
      setStatus(cell, before);
    }
  }

  private take(cellId: string): ISentCell | undefined {
    const sent = this.cells.get(cellId);
    this.cells.delete(cellId);
    return sent;
  }

  /** The kernel went, and will not reply: what it ran was interrupted. */
  lost(notebook: ISharedNotebook): void {
    for (const cellId of this.cells.keys()) {
      const cell = findCell(notebook, cellId);
      if (cell && savedMetadata(cell)?.status === 'running') {
        setStatus(cell, 'interrupted');
      }
    }
    this.cells.clear();
  }

  /** Whether it ran: what the kernel asks for must not run again, however late it comes. */
  hasRun(cellId: string): boolean {
    return this.ran.has(cellId);
  }

  /** Whether the user ran it once more: what its turn says of it is of the time before. */
  hasRunAgain(cellId: string): boolean {
    return this.ranAgain.has(cellId);
  }

  private readonly cells = new Map<string, ISentCell>();
  private readonly ran = new Set<string>();
  private readonly ranAgain = new Set<string>();
}
