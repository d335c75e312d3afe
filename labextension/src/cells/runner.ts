/** Runs a cell for the kernel's turn, as the user would. */
import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';

import type { CellRun } from '../protocol/messages';
import { fingerprint } from './fingerprint';
import { findCell, PASSES_TAG, savedMetadata, setTag, tagsOf } from './metadata';
import type { IOutcome } from './writer';

/** Sends cells to the kernel. */
export interface ICellSender {
  /**
   * Run the cell through whatever runs cells in this application.
   *
   * @param scheduled - Called just before the request is made of the cell's metadata.
   * @param sent - Called when the request is on its way.
   * @returns Whether it ran without an error; rejects when it did not, or was not run.
   */
  send(cellId: string, scheduled: () => void, sent: () => void): Promise<boolean>;
}

/** What the runner has to know of the turn. */
export interface IRunnerOwner {
  /** Whether the user has stopped this turn. */
  isStopping(turn: string): boolean;
  /** Whether a request of this cell is on its way, and its reply has not come. */
  isSent(cellId: string): boolean;
}

/**
 * Runs each request once, and only the text that the kernel means.
 *
 * JupyterLab lets a failing cell abort all that is queued behind it, unless the cell's tags
 * say `raises-exception` at the moment when it is sent. A failing action must not abort what
 * the user queued, so the tag is there for that moment.
 */
export class CellRunner {
  constructor(
    private readonly notebook: ISharedNotebook,
    private readonly sender: ICellSender,
    private readonly owner: IRunnerOwner
  ) {}

  /** Resolves when the cell is on its way to the kernel, never later. */
  run(message: CellRun): Promise<IOutcome> {
    const key = `${message.turn} ${message.cell_id} ${message.id}`;
    let outcome = this.runs.get(key);
    if (!outcome) {
      outcome = this.start(message);
      this.runs.set(key, outcome);
    }
    return outcome;
  }

  /**
   * A cell's reply has come, whoever ran it: an action that went wrong before and went well
   * now stops a later Run All again, should it fail.
   */
  finished(cellId: string, success: boolean): void {
    const cell = findCell(this.notebook, cellId);
    if (cell && success && savedMetadata(cell)?.role === 'action') {
      setTag(cell, PASSES_TAG, false);
    }
  }

  /** The kernel was sent the cell and did not run it; what was asked for is asked again. */
  aborted(cellId: string): void {
    this.lost.add(cellId);
  }

  private async start(message: CellRun): Promise<IOutcome> {
    const cell = findCell(this.notebook, message.cell_id);
    if (!cell) {
      return { error: 'gone', text: 'The cell is no longer in the notebook.' };
    }
    const found = { fingerprint: fingerprint(cell.getSource()) };
    if (this.owner.isStopping(message.turn)) {
      return { ...found, error: 'stopped', text: 'The user stopped the turn.' };
    }
    if (message.fingerprint !== null && message.fingerprint !== found.fingerprint) {
      return { ...found, error: 'edited', text: 'The cell holds another text now.' };
    }
    if (this.owner.isSent(message.cell_id)) {
      return found; // the user was faster
    }
    const fault = await this.send(cell, () => {
      void this.start(message);
    });
    return fault === '' ? found : { ...found, error: 'failed', text: fault };
  }

  /**
   * @param again - Called when it was sent, and aborted by a cell that failed before it.
   * @returns What kept the cell from being sent, or ''.
   */
  private send(cell: ISharedCell, again: () => void): Promise<string> {
    const id = cell.getId();
    this.lost.delete(id);
    const hadTag = tagsOf(cell).includes(PASSES_TAG);
    let tagged = false;
    const restore = (): void => {
      if (tagged && !hadTag && !cell.isDisposed) {
        setTag(cell, PASSES_TAG, false);
      }
      tagged = false;
    };
    return new Promise(resolve => {
      const scheduled = (): void => {
        tagged = true;
        setTag(cell, PASSES_TAG, true);
      };
      const sent = (): void => {
        restore();
        resolve('');
      };
      const over = (fault: string): void => {
        restore();
        resolve(fault);
        if (this.lost.delete(id)) {
          again();
        }
      };
      this.sender.send(id, scheduled, sent).then(
        ran => {
          over(ran || this.owner.isSent(id) ? '' : 'JupyterLab did not run the cell.');
        },
        (reason: unknown) => {
          over(reason instanceof Error ? reason.message : String(reason));
        }
      );
    });
  }

  /** By cell id. */
  private readonly lost = new Set<string>();
  private readonly runs = new Map<string, Promise<IOutcome>>();
}
