/** The turns of one notebook: the model behind its card, bar, gate and commands. */
import type { ISharedCell } from '@jupyter/ydoc';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { IDisposable } from '@lumino/disposable';

import { Ledger } from '../cells/ledger';
import {
  deleteCells,
  detach,
  findCell,
  isAction,
  isCellOf,
  isOpen,
  isPrompt,
  isProposed,
  isUnapproved,
  setStatus,
  turnOf
} from '../cells/metadata';
import { NotebookReader } from '../cells/reader';
import { CellRunner } from '../cells/runner';
import { CellWriter } from '../cells/writer';
import { Link } from '../protocol/link';
import type { Reject } from '../protocol/messages';
import type { ILinkOwner, Wish } from '../protocol/parties';
import type { INotebookTurns, ITurn } from '../tokens';
import { trans } from '../translation';
import { Absences, madeOf } from './absences';
import { turnToTellBelow } from './cards';
import { Decisions } from './decisions';
import { Edits } from './edits';
import { Executions } from './executions';
import type { Execution, Result } from './executions';
import { KernelHandlers } from './handlers';
import { Interrupts } from './interrupts';
import { followNewcomers } from './newcomers';
import type { INotebookPlace, PlaceKernel } from './place';
import { SentCells } from './sent';
import type { Turn } from './turn';
import { TurnBook } from './turn';

export class NotebookTurns implements INotebookTurns, ILinkOwner, IDisposable {
  constructor(private readonly place: INotebookPlace) {
    const { notebook } = place;
    this.runner = new CellRunner(notebook, place.sender, {
      isStopping: turn => this.book.get(turn)?.stopping ?? false,
      isSent: cellId => this.isSent(cellId) || this.sentCells.hasRun(cellId)
    });
    this.edits = new Edits(notebook);
    this.reader = new NotebookReader(notebook, this.ledger);
    this.absences = new Absences(
      notebook,
      (cellId, answers) => {
        if (answers) {
          this.ledger.forget(cellId); // the model is told of that, and not of a change as well
        }
        this.deleted(cellId);
      },
      this.retyped.bind(this)
    );
    this.interrupts = new Interrupts(place, this.book, () => this.executions);
    this.handlers = new KernelHandlers({
      place,
      book: this.book,
      writer: new CellWriter(notebook, this.ledger),
      reader: this.reader,
      runner: this.runner,
      edits: this.edits,
      absences: this.absences,
      isSent: cellId => this.isSent(cellId),
      hasRunAgain: cellId => this.sentCells.hasRunAgain(cellId),
      giveUp: cellId => this.executions?.giveUp(cellId) ?? false,
      sentElsewhere: this.sentElsewhere.bind(this),
      missing: cellId => {
        void this.wish({ kind: 'gone', cell_id: cellId });
      }
    });
    this.listen();
    this.connect(place.kernel);
  }

  private listen(): void {
    const { place } = this;
    this.book.changed.connect(this.linked, this);
    followNewcomers(place, this.book, this.handlers, () => this.link?.sayHello());
    place.saver.changed.connect(this.linked, this);
    place.saver.reverted.connect(this.onReverted, this);
    place.pathChanged.connect(() => this.link?.sayHello(), this);
    place.kernelChanged.connect(this.onKernelChanged, this);
    place.disposed.connect(this.dispose, this);
  }

  get changed(): ISignal<this, void> {
    return this.changedSignal;
  }

  get connected(): boolean {
    return this.link?.connected ?? false;
  }

  get pending(): boolean {
    return this.link?.pending ?? false;
  }

  get client(): string | null {
    return this.link?.client ?? null;
  }

  get running(): ITurn | null {
    return this.book.running;
  }

  saveFaultOf(turn: string): string {
    const { fault } = this.place.saver;
    return fault !== '' && turn === turnToTellBelow(this.place, this.book.latest) ? fault : '';
  }

  get path(): string {
    return this.place.path;
  }

  get isDisposed(): boolean {
    return this.closed;
  }

  ofPrompt(cellId: string): ITurn | null {
    const { running } = this.book;
    return running?.promptId === cellId ? running : null;
  }

  cellsOf(turn: string): number {
    return this.place.notebook.cells.filter(cell => isCellOf(cell, turn)).length;
  }

  stop(): void {
    const turn = this.book.running;
    if (turn) {
      this.halt(turn, { kind: 'stop', turn: turn.id });
      this.interrupts.interruptOwn(turn);
    }
  }

  interrupted(): void {
    const turn = this.book.running;
    if (turn) {
      this.halt(turn, { kind: 'stop', turn: turn.id });
      this.interrupts.watch(turn);
    }
  }

  reject(cellId: string, reason: string, deed: Reject['deed'] = null): void {
    const cell = findCell(this.place.notebook, cellId);
    if (!cell || !isProposed(cell)) {
      return;
    }
    if (turnOf(cell) === this.running?.id) {
      const heard = this.wish({ kind: 'reject', cell_id: cellId, reason, deed });
      this.decisions.rejected(cellId, heard); // a busy kernel hears of it only behind what it runs
    } else {
      // its turn is long over: nobody but the user has an interest in it
      this.absences.watch(cellId, false);
      deleteCells(this.place.notebook, [cell]);
    }
  }

  approveRest(turn: string): void {
    void this.wish({ kind: 'approve.rest', turn });
  }

  isSent(cellId: string): boolean {
    return this.executions?.awaits(cellId) ?? false;
  }

  restart(): Promise<void> {
    return this.place.restart();
  }

  warn(sentence: string): void {
    this.place.warn(sentence);
  }

  linked(): void {
    this.changedSignal.emit();
  }

  lost(how: string): void {
    const turn = this.book.running;
    if (turn) {
      this.handlers.lose(turn.card, how);
    }
    this.sentCells.lost(this.place.notebook);
    this.executions?.forget();
    this.book.forget();
  }

  dispose(): void {
    if (this.closed) {
      return;
    }
    this.closed = true;
    const turn = this.book.running;
    this.absences.dispose();
    this.edits.dispose();
    this.disconnect();
    if (turn) {
      this.book.end(turn.id, 'gone');
    }
    Signal.clearData(this);
  }

  private connect(kernel: PlaceKernel | null): void {
    this.kernel = kernel;
    if (kernel && !this.closed) {
      this.executions = new Executions(kernel);
      this.executions.happened.connect(this.onExecution, this);
      this.link = new Link(kernel, this);
    }
  }

  /** The page goes, and will never come back. */
  leave(): void {
    this.link?.dispose();
  }

  private disconnect(): void {
    this.link?.dispose();
    this.executions?.dispose();
    this.link = null;
    this.executions = null;
  }

  private onReverted(): void {
    this.handlers.reverted();
    this.link?.beginAgain();
  }

  private onKernelChanged(): void {
    if (this.place.kernel !== this.kernel) {
      this.disconnect();
      this.lost(this.place.kernel === null ? 'was shut down' : 'was changed');
      this.connect(this.place.kernel);
      this.linked();
    }
  }

  private onExecution(_: unknown, execution: Execution): void {
    const turn = this.book.running;
    switch (execution.what) {
      case 'sent':
        this.sent(execution.cellId);
        break;
      case 'begun':
        // it was queued when the user stopped the turn
        if (turn?.stopping) {
          this.interrupts.interruptOwn(turn);
        }
        break;
      case 'aborted':
        this.aborted(execution.cellId);
        break;
      case 'replied':
        this.replied(execution.cellId, execution.result);
        if (turn?.unstoppable) {
          this.book.change(turn, { unstoppable: false });
        }
        break;
    }
  }

  /**
   * The kernel was sent a cell: a proposal is none any more, whoever ran it, and is not taken
   * for one if the kernel goes meanwhile.
   */
  private sent(cellId: string): void {
    const cell = findCell(this.place.notebook, cellId);
    this.decisions.sent(cellId);
    this.absences.watch(cellId, false);
    if (cell) {
      this.reader.sent(cell);
    }
    if (cell && isAction(cell)) {
      this.sentCells.note(cell);
      this.edits.sent(cell);
      if (isUnapproved(cell)) {
        setStatus(cell, 'running');
      }
      void this.place.saver.save();
    }
  }

  /** The kernel says what came of the actions that its turn waits for; of others nobody does. */
  private replied(cellId: string, result: Result): void {
    const cell = findCell(this.place.notebook, cellId);
    const sent = this.sentCells.replied(cellId);
    if (sent && !cell) {
      this.deleted(cellId);
    }
    this.runner.finished(cellId, result === 'ok');
    if (cell && isAction(cell)) {
      if (sent && (sent.cell !== cell || !this.place.hears(cellId))) {
        this.executions?.missed(cellId);
        this.link?.sayHello(); // its outputs went to the cell that it was: have them told
      }
      if (sent?.settled === true || turnOf(cell) !== this.running?.id) {
        setStatus(cell, result);
      }
      void this.place.saver.save();
    }
  }

  /** Another tab runs an action of this turn, which the user may have stopped here meanwhile. */
  private sentElsewhere(request: string, turn: string): void {
    this.executions?.note(request, turn);
    const noted = this.book.get(turn);
    if (noted?.stopping === true) {
      this.interrupts.interruptOwn(noted);
    }
  }

  /** A cell of the user's failed before this one, which so did not run. */
  private aborted(cellId: string): void {
    const cell = findCell(this.place.notebook, cellId);
    this.ledger.aborted(cellId);
    if (cell && isPrompt(cell)) {
      this.warn(trans.__('A cell failed before it, so a prompt did not run: run it again to ask.'));
    }
    if (!cell || !isAction(cell) || this.executions?.awaits(cellId)) {
      return;
    }
    this.sentCells.aborted(cell);
    this.absences.watch(cellId, isOpen(cell));
    this.place.showNotRun(cellId);
    this.runner.aborted(cellId);
  }

  /** The user deleted a cell of the running turn. */
  private deleted(cellId: string): void {
    const turn = this.book.running;
    if (this.place.saver.reverting) {
      return; // it is placed again
    }
    if (turn?.promptId === cellId) {
      this.halt(turn, { kind: 'gone', cell_id: cellId });
      this.interrupts.interruptOwn(turn);
    } else if (!this.isSent(cellId)) {
      void this.wish({ kind: 'gone', cell_id: cellId }); // else when it has run, for it does
    }
  }

  /** The user made Markdown of a cell that the kernel waits for: it is his own from now on. */
  private retyped(cell: ISharedCell): void {
    if (isAction(cell)) {
      detach(cell);
      void this.wish({ kind: 'reject', cell_id: cell.getId(), reason: '', deed: madeOf(cell) });
    } else {
      this.deleted(cell.getId());
    }
  }

  private halt(turn: Turn, wish: Wish): void {
    this.book.change(turn, { stopping: true });
    if (!this.connected) {
      this.handlers.lose(turn.card, 'no longer answers');
      return;
    }
    void this.link?.request(wish).then(done => {
      if (!done.ok && this.connected && this.book.get(turn.id)) {
        this.handlers.lose(turn.card, 'no longer knows of it');
      }
    });
  }

  /** @returns Whether the kernel took it. */
  private async wish(wish: Wish): Promise<boolean> {
    return (await this.link?.request(wish))?.ok ?? false;
  }

  readonly decisions = new Decisions(() => {
    this.linked();
  });
  readonly handlers: KernelHandlers;
  private readonly book = new TurnBook();
  private readonly runner: CellRunner;
  private readonly interrupts: Interrupts;
  private readonly absences: Absences;
  private readonly edits: Edits;
  private readonly reader: NotebookReader;
  private readonly ledger = new Ledger();
  private readonly sentCells = new SentCells();
  private kernel: PlaceKernel | null = null;
  private link: Link | null = null;
  private executions: Executions | null = null;
  private closed = false;
  private readonly changedSignal = new Signal<this, void>(this);
}
