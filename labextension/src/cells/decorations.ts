/**
 * Shows on the cells of one notebook what their turn says of them.
 *
 * Everything is made from the cells' metadata and the running turn, so it is the same after
 * a reload, a move, an undo, and where a cell was far away. A finished turn looks like any
 * notebook: only what still asks for something, or did not run, is marked.
 */
import { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import type { Widget } from '@lumino/widgets';

import { element, write } from '../dom';
import { METADATA_KEY } from '../protocol/messages';
import { appears } from '../moment';
import { spoken } from '../sentences';
import type { INotebookTurns, ITurn } from '../tokens';
import { trans } from '../translation';
import { CellNote, ProposalBar, putBelowInput, skippedWords } from './bar';
import { TurnEnds } from './ends';
import { Following } from './following';
import {
  hasRun,
  isAction,
  isProposed,
  savedMetadata,
  type SavedMetadata,
  turnOf
} from './metadata';
import { gradeOf, noteOf } from './words';

/** What is said where an answer has come; the card only becomes quiet. */
function answeredWords(): string {
  return trans.__('CodeAct answered.');
}

/** What can be done with an action of this notebook. */
export interface ICellDeeds {
  run(cell: CodeCell): Promise<void>;
  canContinueFrom(cell: CodeCell): boolean;
  continueFrom(cell: CodeCell): Promise<void>;
}

/** The decorations of one notebook panel. */
export class Decorations implements IDisposable {
  #known = new WeakSet<CodeCell>();
  #cells = new Map<CodeCell, CellDecoration>();
  #live = element('div', 'codeact-Live');
  #announced = new Set<string>();
  #following: Following;
  #ends: TurnEnds;
  #turn: string | null = null;
  #planned = false;
  /** How often Run All had come past a proposal when that was said last. */
  #passes = 0;
  /** What had the focus last. */
  #focused: Node | null = null;
  #disposed = false;

  constructor(
    private readonly panel: NotebookPanel,
    private readonly turns: INotebookTurns,
    private readonly deeds: ICellDeeds
  ) {
    this.#following = new Following(panel);
    this.#ends = new TurnEnds(panel.content);
    this.#live.setAttribute('aria-live', 'polite');
    panel.node.append(this.#live);
    panel.content.node.addEventListener('focusin', ({ target }) => {
      this.#focused = target as Node;
    });
    turns.changed.connect(this.#update, this);
    panel.content.modelChanged.connect(this.#follow, this);
    panel.disposed.connect(() => {
      this.dispose();
    });
    this.#follow();
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) {
      return;
    }
    this.#disposed = true;
    this.turns.changed.disconnect(this.#update, this);
    this.#cells.clear();
    this.#live.remove();
  }

  #follow(): void {
    this.panel.content.model?.cells.changed.connect(this.#plan, this);
    this.#plan();
  }

  /** New cells have their widgets one moment later. */
  #plan(): void {
    if (!this.#planned) {
      this.#planned = true;
      queueMicrotask(() => {
        this.#planned = false;
        if (!this.#disposed && !this.panel.isDisposed) {
          this.#keepFocus();
          this.#findNew();
          this.#ends.update();
        }
      });
    }
  }

  /** A cell that goes, as one that was rejected, takes the focus with it. */
  #keepFocus(): void {
    if (this.#focused?.isConnected === false && document.activeElement === document.body) {
      this.#focused = null;
      this.panel.content.activeCell?.node.focus({ preventScroll: true });
    }
  }

  #findNew(): void {
    for (const cell of this.panel.content.widgets) {
      if (cell instanceof CodeCell && !this.#known.has(cell)) {
        this.#known.add(cell);
        cell.model.metadataChanged.connect((_, { key }) => {
          if (key === METADATA_KEY) {
            this.#show(cell);
          }
        });
        cell.model.contentChanged.connect(() => {
          if (isProposed(cell.model.sharedModel)) {
            this.#show(cell); // its grade is of another text now
          }
        });
        cell.model.stateChanged.connect((_, { name }) => {
          if (name === 'executionCount') {
            this.#show(cell);
          } else if (name === 'executionState' && isAction(cell.model.sharedModel)) {
            this.#following.began();
          }
        });
        this.#show(cell);
      }
    }
  }

  /** The turns have changed; the cells of the running turn and the one before it show that. */
  #update(): void {
    const { running } = this.turns;
    const turn = running?.id ?? null;
    if (running !== null && turn !== this.#turn) {
      this.#following.began();
      void this.#sayOfEnd(running);
    }
    const changed = new Set([turn, this.#turn]);
    this.#turn = turn;
    this.#sayOfSkipped();
    for (const cell of this.#cells.keys()) {
      const { id, sharedModel } = cell.isDisposed ? { id: '', sharedModel: null } : cell.model;
      if (
        sharedModel === null ||
        changed.has(turnOf(sharedModel)) ||
        this.turns.decisions.isSkipped(id)
      ) {
        this.#show(cell);
      }
    }
  }

  #show(cell: CodeCell): void {
    if (cell.isDisposed) {
      this.#cells.delete(cell);
      return;
    }
    const saved = savedMetadata(cell.model.sharedModel);
    const about = saved?.role === 'action' ? saved : null;
    const known = this.#cells.get(cell);
    if (about === null && known === undefined) {
      return;
    }
    const shown = known ?? new CellDecoration(cell, this.turns, this.deeds);
    this.#cells.set(cell, shown);
    shown.show(about);
    if (about !== null && isProposed(cell.model.sharedModel) && isRunning(cell, this.turns)) {
      this.#announce(cell, about);
    }
  }

  /** Any other end has a sentence in the card, which says it itself where it is on the page. */
  async #sayOfEnd(turn: ITurn): Promise<void> {
    if (this.#live.textContent === answeredWords()) {
      write(this.#live, ''); // else it would be said of the first turn alone
    }
    const answered = (await turn.done) === 'answered';
    if (this.#disposed || this.panel.isDisposed) {
      return;
    }
    const end = this.#ends.update().get(turn.id);
    if (answered) {
      write(this.#live, answeredWords());
    } else if (end !== undefined) {
      this.#following.reveal(end.last);
      if (!end.prompt.node.isConnected) {
        write(this.#live, spoken(end.sentence));
      }
    }
  }

  /** Said at each Run All, once. */
  #sayOfSkipped(): void {
    const { widgets } = this.panel.content;
    const { passes } = this.turns.decisions;
    const skipped = widgets.some(cell => this.turns.decisions.isSkipped(cell.model.id));
    if (skipped && passes > this.#passes) {
      write(this.#live, ''); // else it would be said of the first one alone
      write(this.#live, skippedWords());
    }
    this.#passes = passes;
  }

  /** Said once for each proposal, and only while its turn waits for it. */
  #announce(cell: CodeCell, about: SavedMetadata): void {
    const { id } = cell.model;
    if (!this.#announced.has(id)) {
      this.#announced.add(id);
      appears(cell);
      this.#following.reveal(cell);
      const { words } = gradeOf(about, cell.model.sharedModel.getSource());
      const step = `${about.step ?? ''}${words === '' ? '' : ` (${spoken(words)})`}`;
      write(this.#live, trans.__('CodeAct proposes step %1: run it or reject it.', step));
    }
  }
}

/** What one action cell shows. */
class CellDecoration {
  #below: Widget | null = null;
  /** What is to stand below the input once that is there. */
  #next: { proposal: SavedMetadata | null; note: string } = { proposal: null, note: '' };
  #waits = false;

  constructor(
    private readonly cell: CodeCell,
    private readonly turns: INotebookTurns,
    private readonly deeds: ICellDeeds
  ) {}

  show(about: SavedMetadata | null): void {
    const status = about?.status ?? '';
    const running = isRunning(this.cell, this.turns);
    const writing = running && status === 'writing';
    const { sharedModel } = this.cell.model;
    const proposed = isProposed(sharedModel);
    const note = about === null ? '' : noteOf(about, running, hasRun(sharedModel));
    this.cell.toggleClass('codeact-mod-action', about !== null);
    this.cell.toggleClass('codeact-mod-proposed', proposed);
    this.cell.toggleClass('codeact-mod-writing', writing);
    this.cell.toggleClass('codeact-mod-notRun', note !== '' && !writing);
    // a cell that is far away has no input yet; what it needs by then is seen again
    this.#next = { proposal: proposed ? about : null, note };
    if (!this.#waits) {
      this.#waits = true;
      void this.cell.ready.then(() => {
        this.#waits = false;
        if (!this.cell.isDisposed) {
          this.#showBelow(this.#next.proposal, this.#next.note);
        }
      });
    }
  }

  #showBelow(proposal: SavedMetadata | null, note: string): void {
    if (proposal !== null) {
      // until the kernel says otherwise nobody waits for it: a file may come from anybody
      const bar = this.#put(ProposalBar, () => new ProposalBar(this.#actions()));
      const { id, sharedModel } = this.cell.model;
      const running = isRunning(this.cell, this.turns);
      bar.say({
        ...gradeOf(proposal, sharedModel.getSource()),
        stale: !running,
        skipped: this.turns.decisions.isSkipped(id),
        withdrawn:
          running && (this.turns.decisions.isRejected(id) || this.turns.running?.stopping === true)
      });
    } else if (note !== '') {
      const goOn = (): void => void this.deeds.continueFrom(this.cell);
      const changed = savedMetadata(this.cell.model.sharedModel)?.since === 'changed';
      const shown = this.#put(CellNote, () => new CellNote(goOn));
      shown.say(note, changed && this.deeds.canContinueFrom(this.cell));
    } else {
      this.#below?.dispose();
      this.#below = null;
    }
  }

  /** The widget of this kind below the input, made where another one or none is there. */
  #put<T extends Widget>(kind: new (...given: never[]) => T, make: () => T): T {
    if (this.#below instanceof kind && !this.#below.isDisposed) {
      return this.#below;
    }
    this.#below?.dispose();
    const made = make();
    this.#below = made;
    putBelowInput(this.cell, made);
    return made;
  }

  #actions(): { run: () => Promise<void>; reject: (reason: string) => void } {
    return {
      run: () => this.deeds.run(this.cell),
      reject: reason => {
        this.turns.reject(this.cell.model.id, reason);
      }
    };
  }
}

function isRunning(cell: CodeCell, turns: INotebookTurns): boolean {
  return turns.running?.id === turnOf(cell.model.sharedModel);
}
