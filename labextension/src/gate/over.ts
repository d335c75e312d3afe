/**
 * When the turn of a prompt is over, seen from the cells that were asked to run behind it.
 *
 * A prompt's request returns at once, and its turn goes on. What tells whether there is a
 * turn, in this order: the kernel told this tab of one; the prompt failed; its output holds
 * no card (a quiet prompt, another host), or one that has ended. A card that is not ended
 * says that a turn is on its way: the very first one of a kernel starts before the tab's
 * link is open. That is waited for, but not for ever.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { Card } from '../protocol/messages';
import type { INotebookTurns, ITurn, TurnOutcome } from '../tokens';
import { outcomeOf } from '../turncard/shown';

/** How long a turn that the card promises may stay unknown once the link is open, in ms. */
export const CONFIRMED_WITHIN = 5_000;

/** How long it may stay unknown where no link comes, in ms; as long as the kernel waits. */
export const LINKED_WITHIN = 30_000;

const GONE: readonly Kernel.Status[] = ['restarting', 'autorestarting', 'dead', 'terminating'];

/** A prompt cell, as far as the end of its turn is concerned. */
export interface IPrompt {
  readonly id: string;
  readonly session: Pick<ISessionContext, 'statusChanged' | 'disposed' | 'isDisposed'> | null;
  /** Emitted when the cell, its outputs or the whole notebook may have changed or gone. */
  readonly changed: ISignal<unknown, unknown>;
  /** Whether the notebook still holds it. */
  readonly exists: boolean;
  /** The card in its output, or null. */
  readonly card: Card | null;
  /** Nobody looks at it any more. */
  dispose(): void;
}

/** Watches one prompt from before its request is sent. */
export class TurnWatch implements IDisposable {
  #seen: ITurn | null = null;
  #ended = new PromiseDelegate<TurnOutcome>();
  #over = new PromiseDelegate<TurnOutcome>();
  #pending = false;
  #dead = false;
  #disposed = false;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #linked = false;

  constructor(
    private readonly turns: INotebookTurns,
    private readonly prompt: IPrompt
  ) {
    turns.changed.connect(this.#check, this);
    prompt.changed.connect(this.#check, this);
    prompt.session?.statusChanged.connect(this.#onStatus, this);
    prompt.session?.disposed.connect(this.#check, this);
    this.#check();
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  /**
   * Resolves when a turn is over that the kernel told of, whether or not the prompt's reply
   * came: it is lost where the connection was cut, and the turn goes on all the same.
   */
  get ended(): Promise<TurnOutcome> {
    return this.#ended.promise;
  }

  /** Resolves when the turn of this prompt is over; to be asked once, after its reply. */
  async over(success: boolean): Promise<TurnOutcome> {
    try {
      return await (this.#known(success) ?? this.#promised());
    } finally {
      this.dispose();
    }
  }

  dispose(): void {
    if (this.#disposed) {
      return;
    }
    this.#disposed = true;
    this.#timers.forEach(clearTimeout);
    this.turns.changed.disconnect(this.#check, this);
    this.prompt.changed.disconnect(this.#check, this);
    this.prompt.session?.statusChanged.disconnect(this.#onStatus, this);
    this.prompt.session?.disposed.disconnect(this.#check, this);
    this.prompt.dispose();
  }

  /** What can be said at the reply, or null where a turn is on its way. */
  #known(success: boolean): Promise<TurnOutcome> | null {
    if (this.#seen !== null) {
      return this.#seen.done;
    }
    if (!success) {
      return Promise.resolve('failed');
    }
    return this.prompt.card === null ? Promise.resolve('answered') : null;
  }

  #promised(): Promise<TurnOutcome> {
    this.#pending = true;
    this.#after(LINKED_WITHIN);
    this.#check();
    return this.#over.promise;
  }

  #check(): void {
    this.#seen ??= this.turns.ofPrompt(this.prompt.id);
    if (this.#seen !== null) {
      this.#ended.resolve(this.#seen.done);
    }
    if (!this.#pending) {
      return;
    }
    if (this.#seen !== null) {
      this.#over.resolve(this.#seen.done);
    } else if (this.#dead || this.prompt.session?.isDisposed === true || !this.prompt.exists) {
      this.#over.resolve('gone');
    } else if (this.prompt.card?.state === 'ended') {
      this.#over.resolve(outcomeOf(this.prompt.card));
    } else if (this.turns.connected && !this.#linked) {
      this.#linked = true;
      this.#after(CONFIRMED_WITHIN);
    }
  }

  #after(milliseconds: number): void {
    this.#timers.push(
      setTimeout(() => {
        this.#over.resolve('gone');
      }, milliseconds)
    );
  }

  #onStatus(_: unknown, status: Kernel.Status): void {
    this.#dead ||= GONE.includes(status);
    this.#check();
  }
}
