/** Carries out what the kernel asks of one notebook. */
import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';
import type { IOutput } from '@jupyterlab/nbformat';

import { fingerprint } from '../cells/fingerprint';
import {
  detach,
  findCell,
  hasRun,
  isCellOf,
  isCopy,
  isOpen,
  keepIds,
  savedMetadata,
  saveMetadata,
  setStatus,
  turnOf
} from '../cells/metadata';
import type { NotebookReader } from '../cells/reader';
import type { CellRunner } from '../cells/runner';
import type { CellWriter } from '../cells/writer';
import type { Answer, Answering, IKernelHandlers } from '../protocol/dispatch';
import type {
  Card,
  CellFinish,
  CellMark,
  CellMetadata,
  CellOutputs,
  CellPlace,
  CellRemove,
  CellRun,
  CellText,
  NotebookNews,
  NotebookRead,
  TurnCard,
  TurnEnded,
  TurnRuns,
  TurnStarted,
  Welcome
} from '../protocol/messages';
import type { TurnOutcome } from '../tokens';
import { cardIn, outcomeOf } from '../turncard/shown';
import type { Absences } from './absences';
import type { Edits } from './edits';
import { blankCard, showCard } from './cards';
import type { INotebookPlace } from './place';
import type { Turn, TurnBook } from './turn';

/** The parts that the handlers put to work. */
export interface IHandlerParts {
  readonly place: INotebookPlace;
  readonly book: TurnBook;
  readonly writer: CellWriter;
  readonly reader: NotebookReader;
  readonly runner: CellRunner;
  readonly absences: Absences;
  readonly edits: Edits;
  /** Whether a request of this cell has no reply yet. */
  readonly isSent: (cellId: string) => boolean;
  /** Whether the user has run this cell once more since its turn had it run. */
  readonly hasRunAgain: (cellId: string) => boolean;
  /** Wait no more for a reply that was lost; whether there was one. */
  readonly giveUp: (cellId: string) => boolean;
  /** This request, of another tab, runs an action of that turn. */
  readonly sentElsewhere: (request: string, turn: string) => void;
  /** The kernel means a cell that went before it was known that it matters. */
  readonly missing: (cellId: string) => void;
}

/** The kernel's side of the turns of one notebook. */
export class KernelHandlers implements IKernelHandlers {
  constructor(private readonly parts: IHandlerParts) {}

  /** What the kernel runs goes on here; what else says that it runs ended with a kernel. */
  welcome(message: Welcome): void {
    const { book } = this.parts;
    if (book.running && !message.turns.includes(book.running.id)) {
      this.lose(book.running.card, 'no longer knows of it');
    }
    this.settle(message.turns);
  }

  /** The user had the file read again: the turn goes on here as in a page that is loaded anew. */
  reverted(): void {
    const { absences, book, writer } = this.parts;
    absences.forget();
    writer.beginAgain();
    if (book.running) {
      this.takeUp(book.running);
    }
    this.settle(book.running ? [book.running.id] : []);
  }

  /** Look what the prompts say that runs, while only these turns do. */
  settle(turns: readonly string[]): void {
    for (const cell of this.notebook.cells) {
      const saved = savedMetadata(cell);
      const turn = turnOf(cell);
      if (saved?.role !== 'prompt' || turn === '' || saved.status !== 'running') {
        continue;
      }
      const card = this.cardOf(cell, saved as CellMetadata);
      if (turns.includes(turn)) {
        this.resume(card, true);
      } else {
        this.lose(card, 'no longer knows of it');
      }
    }
  }

  turnStarted(message: TurnStarted): Answering {
    const prompt = findCell(this.notebook, message.prompt_id);
    if (!prompt) {
      this.parts.missing(message.prompt_id);
      return { error: 'gone', text: 'The notebook no longer holds the prompt.' };
    }
    const isNew = keepIds(this.notebook);
    if (isCopy(prompt)) {
      detach(prompt); // the cells of that turn belong to the prompt that it was copied from
    } else {
      this.parts.writer.replace(prompt, message);
    }
    saveMetadata(prompt, message.metadata);
    this.parts.book.note(message.card);
    this.parts.absences.watch(message.prompt_id);
    if (isNew) {
      void this.parts.place.saver.save(); // a page that is loaded now would not find its prompt
    }
    return {};
  }

  turnCard({ card }: TurnCard): void {
    if (card.state === 'ended') {
      this.endElsewhere(card);
      return;
    }
    this.resume(card);
    this.show(card, this.parts.book.get(card.turn)?.takenUp ?? false);
    if (card.state === 'waiting') {
      // not before: what runs at once is saved when it is sent, and must not wait for the server
      void this.parts.place.saver.save();
    }
  }

  turnRuns({ turn, request }: TurnRuns): void {
    this.parts.book.announced = turn;
    if (this.parts.place.shared && !this.parts.book.running) {
      this.settle([turn]); // it began since, and a busy kernel answers no hello
    }
    this.parts.sentElsewhere(request, turn);
  }

  cellPlace(message: CellPlace): Answering {
    const { metadata, prompt_id } = message;
    const prompt = findCell(this.notebook, prompt_id);
    if (prompt && !this.parts.book.get(metadata.turn)) {
      this.resume(this.cardOf(prompt, { ...metadata, turn: metadata.turn }));
    }
    const placed = this.parts.writer.place(message);
    this.watch(message.cell_id);
    return placed;
  }

  cellText(message: CellText): void {
    this.parts.writer.text(message);
  }

  cellFinish(message: CellFinish): Answer {
    const finished = this.parts.writer.finish(message);
    const cell = findCell(this.notebook, message.cell_id);
    if (cell && finished.fingerprint === fingerprint(message.source)) {
      this.parts.edits.note(cell);
    }
    this.watch(message.cell_id);
    this.parts.place.render(message.cell_id);
    return finished;
  }

  cellRun(message: CellRun): Answering {
    if (message.finish) {
      this.cellFinish(message.finish);
    }
    return this.parts.runner.run(message);
  }

  cellMark(message: CellMark): Answering {
    const { cell_id, metadata } = message;
    const { hasRunAgain, isSent, writer } = this.parts;
    const isLate = hasRunAgain(cell_id) || (metadata.status === 'proposed' && isSent(cell_id));
    const marked = writer.mark(message, isLate);
    this.watch(cell_id);
    void this.parts.place.saver.save();
    return marked;
  }

  /**
   * This page was loaded when the action had begun, so its outputs are in no file perhaps; or
   * its connection was cut, and they were lost.
   */
  cellOutputs({ cell_id, execution_count, outputs }: CellOutputs): Answering {
    const cell = findCell(this.notebook, cell_id);
    if (cell && (this.parts.giveUp(cell_id) || !(hasRun(cell) || this.parts.isSent(cell_id)))) {
      const { place } = this.parts;
      place.showRun(cell_id, outputs as unknown as IOutput[], execution_count);
      void place.saver.save();
    }
    return {};
  }

  /** An action that the user deleted and brought back is his: he may run it by now. */
  cellRemove(message: CellRemove): Answering {
    const { absences, writer } = this.parts;
    const { cell_id, metadata } = message;
    absences.watch(cell_id, false);
    absences.follow(cell_id, false);
    const isBack = metadata.role === 'action' && absences.isAnswered(cell_id);
    return isBack ? {} : writer.remove(message);
  }

  notebookRead(message: NotebookRead): Answering {
    return this.parts.reader.read(message);
  }

  notebookNews(message: NotebookNews): Answering {
    return this.parts.reader.news(message);
  }

  /**
   * Replied to once that is saved: what was not, the kernel tells a page that is loaded anew.
   * A page that goes has its last save fail, and must not call that the end.
   */
  async turnEnded({ prompt_id, metadata, card }: TurnEnded): Promise<Answer> {
    const there = this.close(prompt_id, metadata, card, outcomeOf(card));
    await this.parts.place.saver.saved();
    return there ? {} : { error: 'gone', text: 'The notebook no longer holds the prompt.' };
  }

  /**
   * A turn went without an end of its own.
   *
   * @param how - Completes "The kernel ...".
   */
  lose(card: Card, how: string): void {
    if (this.parts.place.shared && this.parts.book.get(card.turn)?.elsewhere === true) {
      this.endElsewhere({ ...card, ending: 'stopped' }); // the page that has it says so, for both
      return;
    }
    const prompt = findCell(this.notebook, card.prompt_id);
    const saved = prompt && (savedMetadata(prompt) as CellMetadata | null);
    const ended: Card = {
      ...card,
      state: 'ended',
      ending: 'stopped',
      notice: '',
      sentence:
        `The kernel ${how}, so this turn ended. What was done stays in the notebook; ` +
        'run the prompt again to go on.'
    };
    this.parts.writer.interrupt(card.turn);
    this.close(card.prompt_id, saved && { ...saved, status: 'stopped' }, ended, 'gone');
    void this.parts.place.saver.save();
  }

  /** @returns Whether the prompt is still there. */
  private close(
    promptId: string,
    metadata: CellMetadata | null,
    card: Card,
    outcome: TurnOutcome
  ): boolean {
    const { book, runner, writer } = this.parts;
    this.unwatch(card);
    writer.removeOpen(card.turn);
    const prompt = findCell(this.notebook, promptId);
    if (prompt && metadata && !this.isTaken(card)) {
      writer.keepReplaced(prompt);
      const cells = this.notebook.cells.filter(cell => isCellOf(cell, card.turn)).length;
      saveMetadata(prompt, { ...metadata, cells, replaces: null });
      this.show(card, true);
    }
    if (!book.running || book.get(card.turn)) {
      writer.forget();
      runner.forget();
    }
    book.end(card.turn, outcome);
    if (this.parts.giveUp(promptId)) {
      this.parts.place.showOver(promptId);
    }
    return prompt !== null;
  }

  /**
   * Another tab had the turn, and its cells: here only the card says how it ended, and the file
   * is that tab's to save. Where they share the notebook that tab writes the card, too: of what
   * two write in one place, both would stay.
   */
  private endElsewhere(card: Card): void {
    const prompt = findCell(this.notebook, card.prompt_id);
    if (!this.parts.place.shared) {
      if (prompt && turnOf(prompt) === card.turn) {
        setStatus(prompt, card.ending);
      }
      this.show(card, false);
    }
    this.unwatch(card);
    this.parts.book.end(card.turn, outcomeOf(card));
  }

  /** Note how a turn stands; take it up where it began before this page was loaded. */
  private resume(card: Card, elsewhere = false): void {
    const known = this.parts.book.get(card.turn) !== null;
    const turn = this.parts.book.note(card);
    if (turn && !known) {
      this.takeUp(turn);
    }
    if (turn) {
      turn.elsewhere = elsewhere && (!known || turn.elsewhere);
    }
  }

  private takeUp(turn: Turn): void {
    turn.takenUp = true;
    this.parts.absences.watch(turn.promptId);
    for (const cell of this.notebook.cells) {
      if (isCellOf(cell, turn.id)) {
        this.watch(cell.getId());
      }
    }
  }

  /** While a cell is written or waits, its deletion is an answer. */
  private watch(cellId: string): void {
    const cell = findCell(this.notebook, cellId);
    this.parts.absences.watch(cellId, cell !== null && isOpen(cell));
    this.parts.absences.follow(cellId, cell !== null);
  }

  /** Nothing of this turn is waited for any more; of another one that runs, everything is. */
  private unwatch(card: Card): void {
    const { absences } = this.parts;
    for (const cell of this.notebook.cells) {
      if (isCellOf(cell, card.turn)) {
        absences.watch(cell.getId(), false);
        absences.follow(cell.getId(), false);
      }
    }
    if (!this.isTaken(card)) {
      absences.watch(card.prompt_id, false);
    }
  }

  /** Whether the prompt of this turn was run again since, and another one runs there. */
  private isTaken({ turn, prompt_id }: Card): boolean {
    const { running } = this.parts.book;
    return running?.promptId === prompt_id && running.id !== turn;
  }

  private show(card: Card, add: boolean): void {
    const outputs = this.parts.place.outputsOf(card.prompt_id);
    if (outputs) {
      showCard(outputs, card, add);
    }
  }

  /** The card that the prompt shows, or one that says as much as the metadata does. */
  private cardOf(prompt: ISharedCell, saved: CellMetadata): Card {
    const outputs = this.parts.place.outputsOf(prompt.getId());
    const shown = outputs && cardIn(outputs, saved.turn);
    return {
      ...(shown ?? blankCard(saved)),
      prompt_id: prompt.getId(),
      turn: saved.turn
    };
  }

  private get notebook(): ISharedNotebook {
    return this.parts.place.notebook;
  }
}
