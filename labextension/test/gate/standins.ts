/** A notebook, an executor and turns as the gate sees them; the shared model is real. */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Cell, ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { INotebookCellExecutor, INotebookModel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { type ISharedCell, type ISharedCodeCell, YNotebook } from '@jupyter/ydoc';
import type { JSONObject } from '@lumino/coreutils';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import { Gate, type ISurroundings } from '../../src/gate/gate';
import { CARD_MIME } from '../../src/protocol/messages';
import type { Card } from '../../src/protocol/messages';
import type { INotebookTurns, ITurn, TurnOutcome } from '../../src/tokens';

/** Let everything that is already decided happen. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await Promise.resolve();
  }
}

export function card(promptId: string, changes: Partial<Card> = {}): Card {
  return {
    version: 1,
    session: 's',
    turn: `turn of ${promptId}`,
    prompt_id: promptId,
    state: 'thinking',
    step: 1,
    tokens: 0,
    tokens_in: 0,
    tokens_out: 0,
    tokens_cached: 0,
    cost: null,
    estimated: false,
    seconds: 0,
    model: 'm',
    policy: 'ask',
    notice: '',
    ending: '',
    sentence: '',
    ...changes
  };
}

class Outputs {
  readonly changed = new Signal<this, unknown>(this);
  cards: Card[] = [];

  get length(): number {
    return this.cards.length;
  }

  get(index: number): { toJSON(): IOutput } {
    const data = { [CARD_MIME]: { ...this.cards[index] } };
    return { toJSON: () => ({ output_type: 'display_data', metadata: {}, data }) };
  }

  show(shown: Card): void {
    this.cards = [shown];
    this.changed.emit(undefined);
  }
}

export class StandInCell {
  readonly disposed = new Signal<this, void>(this);
  readonly outputs = new Outputs();
  isDisposed = false;
  readonly id: string;
  readonly model;

  constructor(shared: ISharedCell) {
    this.id = shared.getId();
    this.model = {
      id: shared.getId(),
      type: shared.cell_type,
      sharedModel: shared,
      outputs: this.outputs,
      executionState: 'idle',
      get executionCount(): number | null {
        return (shared as ISharedCodeCell).execution_count;
      },
      clearExecution: () => {
        this.outputs.cards = [];
      }
    };
  }

  /** A cell widget that is disposed has no model any more. */
  dispose(): void {
    this.isDisposed = true;
    Object.defineProperty(this, 'model', { value: null });
    this.disposed.emit();
  }
}

export class StandInTurns {
  readonly changed = new Signal<INotebookTurns, void>(this as unknown as INotebookTurns);
  connected = true;
  pending = false;
  running: ITurn | null = null;
  readonly calls: string[] = [];
  passes = 0;
  continuesFrom = 0;
  asksAgain = false;
  readonly decisions = {
    skipped: (id: string, first: boolean): void => {
      this.calls.push(`skipped ${id}`);
      this.passes += first ? 1 : 0;
    },
    takeContinuation: (): number => this.continuesFrom,
    takeAgain: (): boolean => this.asksAgain
  };
  /** Ids of the cells whose replies have not come. */
  readonly sent = new Set<string>();
  #over = new PromiseDelegate<TurnOutcome>();

  ofPrompt(id: string): ITurn | null {
    return this.running?.promptId === id ? this.running : null;
  }

  cellsOf(turn: string): number {
    return turn === '' ? 0 : 2;
  }

  isSent(id: string): boolean {
    return this.sent.has(id);
  }

  stop(): void {
    this.calls.push('stop');
  }

  begin(promptId: string): void {
    const over = (this.#over = new PromiseDelegate<TurnOutcome>());
    const begun = card(promptId);
    this.running = {
      id: begun.turn,
      promptId,
      card: begun,
      stopping: false,
      elsewhere: false,
      unstoppable: false,
      done: over.promise
    };
    this.changed.emit();
  }

  end(outcome: TurnOutcome): void {
    this.running = null;
    this.changed.emit();
    this.#over.resolve(outcome);
  }
}

/** One notebook with the cells of these sources, and a gate in front of its executor. */
export class Desk {
  readonly notebook = new YNotebook();
  readonly cells: StandInCell[];
  readonly turns = new StandInTurns();
  readonly model;
  readonly session = {
    statusChanged: new Signal<object, Kernel.Status>({}),
    disposed: new Signal<object, void>({}),
    kernelChanged: new Signal<object, void>({}),
    isDisposed: false,
    isReady: true,
    hasNoKernel: false,
    path: 'a.ipynb',
    session: { kernel: { clientId: 'this tab' } } as { kernel: { clientId: string } } | null,
    /** The paths of the notebooks for which the server has kernels. */
    running: ['a.ipynb'],
    sessionManager: {
      ready: Promise.resolve(),
      refreshRunning: (): Promise<void> => Promise.resolve(),
      running: (): Iterable<{ path: string }> => this.session.running.map(path => ({ path }))
    }
  };
  gate: Gate;
  isHeldDown = false;
  readonly warnings: string[] = [];
  readonly copies: Desk[] = [];
  /** Ids of the cells that reached the kernel, in order. */
  readonly ran: string[] = [];
  /** The metadata of each request, by cell id. */
  readonly requests = new Map<string, JSONObject>();
  /** What a prompt does when it is run, by cell id; an error is its failure. */
  readonly onRun = new Map<string, () => unknown>();
  /** Ids of the cells whose replies never come. */
  readonly lost = new Set<string>();

  constructor(...sources: string[]) {
    this.notebook.insertCells(
      0,
      sources.map((source, place) => ({
        cell_type: source.startsWith('#md') ? 'markdown' : 'code',
        id: 'abcdefgh'.charAt(place),
        source
      }))
    );
    this.cells = this.notebook.cells.map(cell => new StandInCell(cell));
    const cellList = {
      changed: new Signal<object, unknown>({}),
      [Symbol.iterator]: () =>
        this.cells.flatMap(cell => (cell.isDisposed ? [] : [cell.model])).values()
    };
    this.model = { cells: cellList, isDisposed: false };
    this.gate = new Gate(options => (this.#of(options.notebook) ?? this).#execute(options));
    this.gate.connect(this.surroundings);
  }

  cell(id: string): StandInCell {
    const found = this.cells.find(cell => cell.id === id);
    if (found === undefined) {
      throw new Error(`no cell ${id}`);
    }
    return found;
  }

  mark(id: string, metadata: JSONObject): void {
    this.cell(id).model.sharedModel.setMetadata('codeact', { turn: 't', ...metadata });
  }

  /** Ask for these cells in one burst, as "Run All" does. */
  run(ids: string): Promise<boolean>[] {
    return Array.from(ids, id => {
      const run = this.gate.runCell(this.#options(this.cell(id)));
      run.catch(() => undefined); // a test that cares awaits it
      return run;
    });
  }

  /** As JupyterLab moves a cell: it is deleted, and one of the same id comes in its place. */
  move(id: string): void {
    const place = this.cells.indexOf(this.cell(id));
    const to = place === 0 ? 1 : 0;
    this.remove(id);
    this.notebook.moveCell(place, to);
    this.cells.splice(place, 1);
    this.cells.splice(to, 0, new StandInCell(this.notebook.getCell(to)));
    this.model.cells.changed.emit(undefined);
  }

  remove(id: string): void {
    this.cell(id).dispose();
    this.model.cells.changed.emit(undefined);
  }

  /** Another notebook with the same cells, behind the same gate. */
  copy(): Desk {
    const copy = new Desk(...this.notebook.cells.map(cell => cell.getSource()));
    copy.gate = this.gate;
    this.copies.push(copy);
    return copy;
  }

  #of(notebook: INotebookModel): Desk | undefined {
    return [this, ...this.copies].find(desk => (desk.model as unknown) === notebook);
  }

  get surroundings(): ISurroundings {
    return {
      version: '1.2.3',
      settings: () => ({ max_steps: 3 }),
      isHeldDown: () => this.isHeldDown,
      warn: sentence => {
        this.warnings.push(sentence);
      },
      turnsOf: notebook => (this.#of(notebook)?.turns ?? null) as unknown as INotebookTurns | null,
      cellOf: (notebook, id) =>
        (this.#of(notebook)?.cells.find(cell => cell.id === id && !cell.isDisposed) ??
          null) as unknown as Cell | null,
      notebookOf: () => this.model as unknown as INotebookModel
    };
  }

  get order(): string {
    return this.ran.join('');
  }

  /** The cells that show as queued or running. */
  get starred(): string {
    return this.cells
      .filter(cell => !cell.isDisposed && cell.model.executionState === 'running')
      .map(cell => cell.id)
      .join('');
  }

  #options(cell: StandInCell): INotebookCellExecutor.IRunCellOptions {
    return {
      cell: cell as unknown as Cell<ICodeCellModel>,
      notebook: this.model as unknown as INotebookModel,
      notebookConfig: {} as INotebookCellExecutor.IRunCellOptions['notebookConfig'],
      onCellExecuted: () => undefined,
      onCellExecutionScheduled: () => undefined,
      sessionContext: this.session as unknown as ISessionContext
    };
  }

  /** As the stock executor: what is scheduled and what is sent happen in one task. */
  async #execute(options: INotebookCellExecutor.IRunCellOptions): Promise<boolean> {
    options.onCellExecutionScheduled({ cell: options.cell });
    const { id, sharedModel } = options.cell.model;
    this.requests.set(id, sharedModel.getMetadata() as JSONObject);
    this.ran.push(id);
    this.cell(id).model.executionState = 'running';
    await Promise.resolve();
    try {
      const success = this.onRun.get(id)?.() !== false;
      return await (this.lost.has(id) ? new Promise<boolean>(() => undefined) : success);
    } finally {
      this.cell(id).model.executionState = 'idle';
    }
  }
}
