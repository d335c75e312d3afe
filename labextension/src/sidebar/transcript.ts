/**
 * The conversation of one notebook, read from its cells.
 *
 * The sidebar shows this and keeps nothing of a turn itself, so what it shows is the same after
 * a reload, a restart or a day, from the file alone; whatever the user does to a cell shows here.
 * Each cell is read again only when it changed: a transcript of three hundred turns costs no
 * more, while one streams in, than an empty one.
 */
import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { isCellOf, isPrompt, turnOf } from '../cells/metadata';
import { readEntry } from './entries';
import type { IEntry, IPromptEntry, IStepEntry } from './entries';

/** How often what streams in is read anew at most, in ms. */
const READ_EVERY = 100;

/** One prompt and what its turn left in the notebook. */
export interface ITurnView {
  /** Names it among the others: the prompt's cell, or the turn where that was deleted. */
  readonly key: string;
  /** Of the turn, or '' where the prompt was never asked. */
  readonly turn: string;
  readonly prompt: IPromptEntry | null;
  readonly steps: readonly IStepEntry[];
}

export class Transcript implements IDisposable {
  constructor(private readonly notebook: ISharedNotebook) {
    notebook.changed.connect(this.plan, this);
    this.read();
  }

  /** Emitted when the turns have changed, a few times a second at most. */
  get changed(): ISignal<this, void> {
    return this.changedSignal;
  }

  /** The turns in the order of their prompts; what did not change is the same object as before. */
  get turns(): readonly ITurnView[] {
    return this.views;
  }

  get isDisposed(): boolean {
    return this.closed;
  }

  dispose(): void {
    if (!this.closed) {
      this.closed = true;
      clearTimeout(this.planned);
      Signal.clearData(this);
    }
  }

  private plan(): void {
    this.planned ??= setTimeout(() => {
      this.planned = undefined;
      if (!this.closed && this.read()) {
        this.changedSignal.emit();
      }
    }, READ_EVERY);
  }

  /** @returns Whether anything is other than before. */
  private read(): boolean {
    const before = new Map(this.views.map(view => [view.key, view]));
    const views = viewsOf(this.notebook, cell => this.entryOf(cell)).map(view => {
      const known = before.get(view.key);
      return known && isSame(known, view) ? known : view;
    });
    const same =
      views.length === this.views.length && views.every((view, at) => view === this.views[at]);
    this.views = views;
    return !same;
  }

  private entryOf(cell: ISharedCell): IEntry | null {
    const known = this.entries.get(cell);
    if (known !== undefined) {
      return known;
    }
    if (!this.followed.has(cell)) {
      this.followed.add(cell);
      cell.changed.connect(this.onCell, this);
    }
    const entry = readEntry(cell);
    this.entries.set(cell, entry);
    return entry;
  }

  private onCell(cell: ISharedCell): void {
    this.entries.delete(cell);
    this.plan();
  }

  private views: readonly ITurnView[] = [];
  private readonly entries = new WeakMap<ISharedCell, IEntry | null>();
  private readonly followed = new WeakSet<ISharedCell>();
  private planned: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private readonly changedSignal = new Signal<this, void>(this);
}

/** The turns of a notebook; a step whose prompt was deleted still belongs to its turn. */
function viewsOf(
  notebook: ISharedNotebook,
  entryOf: (cell: ISharedCell) => IEntry | null
): ITurnView[] {
  interface IGrowing extends ITurnView {
    prompt: IPromptEntry | null;
    readonly steps: IStepEntry[];
  }
  const views: IGrowing[] = [];
  const byTurn = new Map<string, IGrowing>();
  const open = (key: string, turn: string, prompt: IPromptEntry | null): void => {
    const view = { key, turn, prompt, steps: [] };
    views.push(view);
    if (turn !== '') {
      byTurn.set(turn, view);
    }
  };
  for (const cell of notebook.cells) {
    const entry = entryOf(cell);
    if (entry?.role === 'prompt') {
      open(entry.cellId, entry.turn, entry);
    } else if (entry !== null) {
      if (!byTurn.has(entry.turn)) {
        open(entry.turn, entry.turn, null);
      }
      byTurn.get(entry.turn)?.steps.push(entry);
    }
  }
  return views;
}

function isSame(one: ITurnView, other: ITurnView): boolean {
  return (
    one.turn === other.turn &&
    one.prompt === other.prompt &&
    one.steps.length === other.steps.length &&
    one.steps.every((step, at) => step === other.steps[at])
  );
}

/**
 * Where a new prompt goes: behind the last cell of the turn that the active cell belongs to or
 * stands among, else behind the active cell; never between the cells of a turn.
 *
 * @param active - The place of the active cell, or -1.
 */
export function placeForPrompt(notebook: ISharedNotebook, active: number): number {
  const { cells } = notebook;
  let place = active < 0 ? cells.length : active + 1;
  const ends = new Map<string, { first: number; last: number }>();
  cells.forEach((cell, at) => {
    const turn = turnOf(cell);
    if (turn !== '' && (isPrompt(cell) || isCellOf(cell, turn))) {
      ends.set(turn, { first: ends.get(turn)?.first ?? at, last: at });
    }
  });
  const inside = (): { last: number } | undefined =>
    [...ends.values()].find(({ first, last }) => first < place && place <= last);
  for (let found = inside(); found !== undefined; found = inside()) {
    place = found.last + 1;
  }
  return place;
}
