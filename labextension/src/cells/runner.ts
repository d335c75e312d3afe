/** Runs a cell for the kernel's turn, as the user would. */
import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';

import type { CellRun } from '../protocol/messages';
import { fingerprint } from './fingerprint';
import { findCell, isUnapproved, PASSES_TAG, savedMetadata, setStatus, setTag } from './metadata';
import type { IOutcome } from './writer';

/** Sends cells to the kernel. */
export interface ICellSender {
  /**
   * Run the cell through whatever runs cells in this application.
   *
   * @param sent - Called when the request is on its way.
   * @returns Whether it ran without an error; rejects when it did not, or was not run.
   */
  send(cellId: string, sent: () => void): Promise<boolean>;
}

/** What the runner has to know of the turn. */
export interface IRunnerOwner {
  /** Whether the user has stopped this turn. */
  isStopping(turn: string): boolean;
  /** Whether a request of this cell is on its way, and its reply has not come. */
  isSent(cellId: string): boolean;
}

/**
 * Runs each request once, and only the text that the kernel means. That a failing action
 * aborts nothing of what the user queued is the gate's part, as for one that he runs himself.
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
      void outcome.then(({ error }) => {
        if (error === 'gone') {
          this.runs.delete(key); // it may only not be there yet
        }
      });
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

  /** The turn is over; no request of it comes a second time. */
  forget(): void {
    this.runs.clear();
    this.lost.clear();
  }

  /** The kernel was sent the cell and did not run it; what was asked for is asked again. */
  aborted(cellId: string): void {
    this.lost.add(cellId);
  }

  private async start(message: CellRun): Promise<IOutcome> {
    const cell = findCell(this.notebook, message.cell_id);
    if (cell?.cell_type !== 'code') {
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
    const before = this.approve(cell);
    const fault = await this.send(cell, () => {
      void this.start(message);
    });
    if (fault === '') {
      return found;
    }
    this.takeBack(message.cell_id, before);
    return { ...found, error: 'failed', text: fault };
  }

  /**
   * The kernel has a word for it, so that the gate must not take the cell for a proposal: that
   * one runs by no key that is held down. An emptied one is the gate's to reject.
   *
   * @returns What it was until now, or null where it was none.
   */
  private approve(cell: ISharedCell): string | null {
    if (!isUnapproved(cell) || cell.getSource().trim() === '') {
      return null;
    }
    const before = savedMetadata(cell)?.status ?? '';
    setStatus(cell, 'running');
    return before;
  }

  /** It did not run after all. */
  private takeBack(cellId: string, before: string | null): void {
    const cell = findCell(this.notebook, cellId);
    if (cell && before !== null && savedMetadata(cell)?.status === 'running') {
      setStatus(cell, before);
    }
  }

  /**
   * @param again - Called when it was sent, and aborted by a cell that failed before it.
   * @returns What kept the cell from being sent, or ''.
   */
  private send(cell: ISharedCell, again: () => void): Promise<string> {
    const id = cell.getId();
    this.lost.delete(id);
    return new Promise(resolve => {
      let onItsWay = false;
      const over = (fault: string): void => {
        resolve(onItsWay || this.owner.isSent(id) ? '' : fault);
        if (this.lost.delete(id)) {
          again();
        }
      };
      const sent = (): void => {
        onItsWay = true;
        resolve('');
      };
      this.sender.send(id, sent).then(
        () => {
          over('JupyterLab did not run the cell.');
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
