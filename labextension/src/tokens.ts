/**
 * What the plugins of this extension share.
 *
 * `ITurns` gives the turns of each open notebook. The cells, the gate, the card and the
 * commands read it and act through it; only `turns/` changes it.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Card, Reject } from './protocol/messages';

/** How a turn came to its end, as far as the cells behind it are concerned. */
export type TurnOutcome = 'answered' | 'failed' | 'stopped' | 'gone';

/** A turn that the kernel told this tab of, and has not ended. */
export interface ITurn {
  readonly id: string;
  readonly promptId: string;
  readonly card: Card;
  /** Whether the user has asked it to stop; nothing of it may start any more. */
  readonly stopping: boolean;
  /** Whether another page has it: the card in the notebook is newer than this one, then. */
  readonly elsewhere: boolean;
  /** An action that goes on although it was interrupted some seconds ago. */
  readonly unstoppable: boolean;
  /** Resolves when the turn is over; never rejects. */
  readonly done: Promise<TurnOutcome>;
}

/** What was decided about the cells of one notebook in this page. */
export interface IDecisions {
  /**
   * Run All came past this cell, which nobody approved, and did not run it; `first` where it is
   * the first such cell of that Run All.
   */
  skipped(cellId: string, first: boolean): void;
  /** Whether that was so, and it has not run since. */
  isSkipped(cellId: string): boolean;
  /** How often Run All came past such cells: each time it is said anew. */
  readonly passes: number;
  /** Whether the user rejected this proposal, and the kernel has yet to hear of it. */
  isRejected(cellId: string): boolean;
  /**
   * When this prompt is sent next, its turn goes on from this step of the one before.
   *
   * @returns Takes that back where it was not sent.
   */
  continueFrom(promptId: string, step: number): () => void;
  /** @returns That step, once; or 0. */
  takeContinuation(promptId: string): number;
  /**
   * When this prompt is sent next, the model is asked even where it was answered before.
   *
   * @returns Takes that back where it was not sent.
   */
  askAgain(promptId: string): () => void;
  /** @returns Whether that is so, once. */
  takeAgain(promptId: string): boolean;
}

/** The turns of one notebook panel. */
export interface INotebookTurns {
  /** Emitted whenever anything below may have changed. */
  readonly changed: ISignal<INotebookTurns, void>;
  /** Whether a kernel with our package has said hello. */
  readonly connected: boolean;
  /** Whether the kernel has yet to say which turns it knows; a busy one takes its time. */
  readonly pending: boolean;
  /** The kernel's session id of this tab, as its requests carry it. */
  readonly client: string | null;
  /** The turn that runs, or null. A kernel runs one at a time. */
  readonly running: ITurn | null;
  /** One sentence about a save that failed, which one card says: that of this turn; or ''. */
  saveFaultOf(turn: string): string;
  /** The turn that began with this prompt cell and still runs, or null. */
  ofPrompt(cellId: string): ITurn | null;
  /** How many cells of this turn the notebook still holds. */
  cellsOf(turn: string): number;
  /** Whether a request of this cell is on its way, and its reply has not come. */
  isSent(cellId: string): boolean;
  /** What was decided about its cells in this page. */
  readonly decisions: IDecisions;
  /** The running turn is to end; interrupts the kernel if one of our actions runs. */
  stop(): void;
  /** As `stop`, where somebody else has interrupted the kernel already. */
  interrupted(): void;
  /** The user does not want this proposal; its cell goes. */
  reject(cellId: string, reason: string, deed?: Reject['deed']): void;
  /** The user lets this proposal and all later ones of this turn run. */
  approveRest(turn: string): void;
  /** Restart the kernel, after asking the user. */
  restart(): Promise<void>;
}

/** The turns of all open notebooks. */
export interface ITurns {
  /** The turns of this panel; one object for as long as the panel lives. */
  of(panel: NotebookPanel): INotebookTurns;
  /** The turns of the notebook panel that holds this node, or null. */
  around(node: HTMLElement): INotebookTurns | null;
  /** The turns of the notebook that the user is in, or null. */
  readonly current: INotebookTurns | null;
  /** Emitted with a notebook's turns whenever they change. */
  readonly changed: ISignal<ITurns, INotebookTurns>;
}

export const ITurns = new Token<ITurns>(
  'codeact-jupyter:ITurns',
  'The turns of the open notebooks: what runs, and how to stop, approve and reject it.'
);
