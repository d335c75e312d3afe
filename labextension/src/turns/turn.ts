/** One turn, and the book of those that this tab knows. */
import { PromiseDelegate } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Card } from '../protocol/messages';
import type { ITurn, TurnOutcome } from '../tokens';

export class Turn implements ITurn {
  constructor(public card: Card) {}

  get id(): string {
    return this.card.turn;
  }

  get promptId(): string {
    return this.card.prompt_id;
  }

  get done(): Promise<TurnOutcome> {
    return this.end.promise;
  }

  stopping = false;
  unstoppable = false;
  /** Whether it began before this page: the file may not hold its card. */
  takenUp = false;
  /** Whether the kernel tells it to another page: there its cells are written. */
  elsewhere = false;
  readonly end = new PromiseDelegate<TurnOutcome>();
}

/** The turn that runs; a kernel runs one at a time. */
export class TurnBook {
  /** Emitted when a turn began, ended or stands otherwise. */
  get changed(): ISignal<this, void> {
    return this.changedSignal;
  }

  get running(): Turn | null {
    return this.turn;
  }

  /** The turn that runs, else the one that ended last since the page was loaded; or ''. */
  get latest(): string {
    return this.turn?.id ?? this.endedLast;
  }

  /** The running turn, if it is this one. */
  get(turn: string): Turn | null {
    return this.turn?.id === turn ? this.turn : null;
  }

  /** The turn of which another page ran an action last, as the kernel says; or ''. */
  announced = '';

  /** Whether this page was told of it, also where it has ended since. */
  knows(turn: string): boolean {
    return this.get(turn) !== null || this.ended.has(turn);
  }

  /**
   * Note how a turn stands. One that is new to this tab begins with it: the page may have
   * been reloaded since. One that ended does not begin again.
   *
   * @returns The turn, or null when it is over.
   */
  note(card: Card): Turn | null {
    if (this.ended.has(card.turn) || card.state === 'ended') {
      return null;
    }
    let turn = this.get(card.turn);
    if (turn) {
      turn.card = card;
    } else {
      if (this.turn) {
        this.end(this.turn.id, 'gone');
      }
      turn = this.turn = new Turn(card);
    }
    this.changedSignal.emit();
    return turn;
  }

  end(id: string, outcome: TurnOutcome): void {
    this.ended.add(id);
    this.endedLast = id;
    const turn = this.get(id);
    if (turn) {
      this.turn = null;
      turn.end.resolve(outcome);
      this.changedSignal.emit();
    }
  }

  /** The kernel went, and says nothing of its turns any more. */
  forget(): void {
    this.ended.clear();
  }

  /** Change the running turn, and say so. */
  change(turn: Turn, fields: Partial<Pick<Turn, 'stopping' | 'unstoppable'>>): void {
    Object.assign(turn, fields);
    this.changedSignal.emit();
  }

  private turn: Turn | null = null;
  private endedLast = '';
  private readonly ended = new Set<string>();
  private readonly changedSignal = new Signal<this, void>(this);
}
