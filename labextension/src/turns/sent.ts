/** The actions that the kernel was sent and has not replied to. */
import type { ISharedCell } from '@jupyter/ydoc';

import { isUnapproved, savedMetadata } from '../cells/metadata';

/** An action as it was when the kernel was sent it. */
interface ISentCell {
  /** Undo and redo bring it back as another one, which hears nothing of what it puts out. */
  readonly cell: ISharedCell;
  /** What it was where nobody had approved it before. */
  readonly unapproved?: string;
}

export class SentCells {
  note(cell: ISharedCell): void {
    const status = isUnapproved(cell) ? { unapproved: savedMetadata(cell)?.status ?? '' } : {};
    this.cells.set(cell.getId(), { cell, ...status });
  }

  /** The kernel replied. */
  take(cellId: string): ISentCell | undefined {
    const sent = this.cells.get(cellId);
    this.cells.delete(cellId);
    return sent;
  }

  /**
   * The kernel went, and will not reply.
   *
   * @returns Their ids.
   */
  clear(): string[] {
    const ids = [...this.cells.keys()];
    this.cells.clear();
    return ids;
  }

  private readonly cells = new Map<string, ISentCell>();
}
