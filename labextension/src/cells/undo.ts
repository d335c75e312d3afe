/** What one undo takes back. */
import type { ISharedNotebook } from '@jupyter/ydoc';

/**
 * What is used of the undo manager behind a shared notebook.
 *
 * The interface of a shared notebook does not name it, every implementation has one
 * (`YDocument.undoManager`, a `Y.UndoManager`).
 */
interface IUndoManager {
  readonly undoStack: readonly unknown[];
  lastChange: number;
  captureTimeout: number;
  stopCapturing(): void;
}

/**
 * Groups changes of a notebook into undo steps.
 *
 * Changes less than half a second apart are one undo step for a `Y.UndoManager`, and later
 * ones are not, whatever belongs together. So a group ends its own capture before and after,
 * and is taken up again as long as nobody changed anything since.
 */
export class UndoGroups {
  constructor(private readonly notebook: ISharedNotebook) {}

  /** Do `change` as one undo step; with the group's last one if that is the newest step. */
  run(group: string, change: () => void): void {
    const manager = this.manager;
    if (!manager) {
      this.notebook.transact(change);
      return;
    }
    const newest = manager.undoStack.at(-1);
    if (group === this.group && newest !== undefined && newest === this.step) {
      this.join(manager, change);
    } else {
      manager.stopCapturing();
      this.notebook.transact(change);
    }
    this.group = group;
    this.step = manager.undoStack.at(-1);
    manager.stopCapturing();
  }

  /** Do `change` as an undo step of its own. */
  apart(change: () => void): void {
    this.run('', change);
    this.step = undefined;
  }

  private join(manager: IUndoManager, change: () => void): void {
    const timeout = manager.captureTimeout;
    manager.captureTimeout = Infinity;
    manager.lastChange = Date.now();
    try {
      this.notebook.transact(change);
    } finally {
      manager.captureTimeout = timeout;
    }
  }

  private get manager(): IUndoManager | null {
    return (this.notebook as { undoManager?: IUndoManager }).undoManager ?? null;
  }

  private group = '';
  private step: unknown = undefined;
}
