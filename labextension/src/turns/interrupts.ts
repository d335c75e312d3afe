/** Interrupts what runs of a turn, and nothing else. */
import { findCell, isCellOf } from '../cells/metadata';
import type { Executions } from './executions';
import type { INotebookPlace } from './place';
import type { Turn, TurnBook } from './turn';

/** How long an interrupted action may go on until the user is told so, in milliseconds. */
const PATIENCE = 3_000;

/** The interrupts of one notebook. */
export class Interrupts {
  constructor(
    private readonly place: INotebookPlace,
    private readonly book: TurnBook,
    private readonly executions: () => Executions | null
  ) {}

  /** Never the user's own cell, and not one of ours that only waits behind it. */
  interruptOwn(turn: Turn): void {
    if (this.executes(turn)) {
      this.place.interrupt().catch((reason: unknown) => {
        console.warn('CodeAct: the kernel was not interrupted:', reason);
      });
      this.watch(turn);
    }
  }

  /** It was interrupted; say so where it goes on all the same. */
  watch(turn: Turn): void {
    const request = this.executions()?.request;
    if (!this.executes(turn)) {
      return;
    }
    setTimeout(() => {
      if (this.book.get(turn.id) && this.executions()?.request === request) {
        this.book.change(turn, { unstoppable: true });
      }
    }, PATIENCE);
  }

  /** Whether the kernel executes an action of this turn, also one that another tab sent. */
  private executes(turn: Turn): boolean {
    const executions = this.executions();
    if (executions?.turn === turn.id) {
      return true;
    }
    const cellId = executions?.current ?? null;
    const cell = cellId === null ? null : findCell(this.place.notebook, cellId);
    return cell !== null && isCellOf(cell, turn.id);
  }
}
