/** Which text each cell had when the model last heard of it. */
import type { ISharedCell } from '@jupyter/ydoc';

import type { CellMetadata } from '../protocol/messages';
import { savedMetadata } from './metadata';

/** A cell as it was last known. */
export interface IEntry {
  /** The text itself: to hash a thousand cells at each step takes longer than to compare them. */
  readonly source: string;
  readonly role: CellMetadata['role'] | null;
  readonly step: number | null;
}

/**
 * The cells as the model knows them: what it read, and what it wrote itself.
 *
 * What differs from this was changed by the user. It lives as long as the page: after a
 * reload the first look is where it begins again.
 */
export class Ledger {
  /** Whether there was a look at all; before the first nothing is news. */
  begun = false;

  readonly entries = new Map<string, IEntry>();

  /** The model knows this cell as it stands, or with the `source` that it wrote itself. */
  note(cell: ISharedCell, source: string = cell.getSource()): void {
    const saved = savedMetadata(cell);
    this.entries.set(cell.getId(), {
      source,
      role: saved?.role ?? null,
      step: saved?.step ?? null
    });
  }

  /** The kernel was sent this cell, and tells the model itself what ran. */
  sent(cell: ISharedCell): void {
    this.before.set(cell.getId(), this.entries.get(cell.getId()) ?? null);
    this.note(cell);
  }

  /** It did not run after all. */
  aborted(cellId: string): void {
    const before = this.before.get(cellId);
    if (before) {
      this.entries.set(cellId, before);
    } else {
      this.entries.delete(cellId);
    }
  }

  /** The cell went, and it was not the user who removed it. */
  forget(cellId: string): void {
    this.entries.delete(cellId);
  }

  /** What was known of the cells that were sent, just before. */
  private readonly before = new Map<string, IEntry | null>();
}
