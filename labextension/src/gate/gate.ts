/**
 * Keeps the order that the user asked for, and runs nothing that nobody approved.
 *
 * A prompt returns at once while its turn goes on, so the cells below it in the same
 * "Run All" would overtake the turn. The gate holds them, and only them, until the turn is
 * over; a later Shift-Enter runs at once. It is JupyterLab's cell executor, on top of the
 * stock one; where another extension provides the executor, it stands in front of
 * `CodeCell.execute`, in which they all end. Executors that run cells on the server never
 * come here: their requests carry no marker, and the kernel takes them as having no tab.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Cell, CodeCell } from '@jupyterlab/cells';
import type { INotebookCellExecutor, INotebookModel } from '@jupyterlab/notebook';
import type { JSONObject } from '@lumino/coreutils';
import { PromiseDelegate } from '@lumino/coreutils';

import { savedMetadata } from '../cells/metadata';
import { isOpen } from '../cells/words';
import type { INotebookTurns, TurnOutcome } from '../tokens';
import { type Burst, Bursts } from './burst';
import { PromptCell, hasRun, isPrompt, isStop, showNotRun, showNothing, showQueued } from './cell';
import { TurnWatch } from './over';
import { promptMarker, throughErrors } from './marker';
import { layOver } from './transient';

type RunCell = INotebookCellExecutor['runCell'];
type Execute = typeof CodeCell.execute;
type Reply = Awaited<ReturnType<Execute>>;

const EMPTIED = 'The user emptied the cell.';

/** What the gate has to know, once the notebooks are there. */
export interface ISurroundings {
  /** The turns of the notebook with this model, or null where it shows in no panel. */
  turnsOf(notebook: INotebookModel): INotebookTurns | null;
  /** The notebook that this cell widget is in, or null, as in a console. */
  notebookOf(cell: CodeCell): INotebookModel | null;
  /** What the user has set, for the kernel. */
  settings(): JSONObject;
  readonly version: string;
}

/** A wish to run one cell. */
interface IWish {
  readonly cell: Cell;
  readonly notebook: INotebookModel;
  readonly session: ISessionContext | null;
  /** Runs it; `extra` is asked for just before it is sent, for metadata of that request. */
  readonly send: (extra: (() => JSONObject) | null) => Promise<boolean>;
}

/** A prompt whose turn cells wait for. */
interface IAwaited {
  readonly over: PromiseDelegate<TurnOutcome>;
  /** Whether its request has been sent; before, it is itself held behind another one. */
  sent: boolean;
}

export class Gate implements INotebookCellExecutor {
  #bursts = new Bursts();
  #surroundings: ISurroundings | null = null;
  /** By cell id: ends the hold of a cell that is asked for again, or has gone. */
  #holds = new Map<string, PromiseDelegate<'replaced'>>();
  /** Proposals whose replies have not come, by cell id. */
  #approved = new Map<string, Promise<boolean>>();
  /** By cell id. */
  #prompts = new Map<string, IAwaited>();

  constructor(private readonly stock: RunCell) {}

  /** From now on the notebooks are known; before, every cell runs as without us. */
  connect(surroundings: ISurroundings): void {
    this.#surroundings = surroundings;
  }

  /** Run a cell as JupyterLab asks for it. */
  runCell(options: INotebookCellExecutor.IRunCellOptions): Promise<boolean> {
    const { cell, notebook, sessionContext } = options;
    const send: IWish['send'] = extra => {
      if (extra === null) {
        return this.stock(options);
      }
      const onCellExecutionScheduled: typeof options.onCellExecutionScheduled = args => {
        layOver(cell.model.sharedModel, extra());
        options.onCellExecutionScheduled(args);
      };
      return this.stock({ ...options, onCellExecutionScheduled });
    };
    return this.#behind({ cell, notebook, session: sessionContext ?? null, send });
  }

  /** The same in front of `CodeCell.execute`, for executors that are not ours. */
  inFrontOf(execute: Execute): Execute {
    return async (cell, session, metadata) => {
      const notebook = this.#surroundings?.notebookOf(cell) ?? null;
      if (notebook === null) {
        return execute(cell, session, metadata);
      }
      const replies: Reply[] = [];
      const send: IWish['send'] = async extra => {
        const reply = await execute(cell, session, { ...metadata, ...extra?.() });
        replies.push(reply);
        return reply === undefined || reply.content.status === 'ok';
      };
      const ran = await this.#behind({ cell, notebook, session, send });
      if (!ran && replies.length === 0) {
        // the word by which JupyterLab knows a request that was taken back
        throw new Error('Canceled: the turn before this cell did not end with an answer.');
      }
      return replies[0];
    };
  }

  #turnsOf(wish: IWish): INotebookTurns | null {
    return this.#surroundings?.turnsOf(wish.notebook) ?? null;
  }

  #behind(wish: IWish): Promise<boolean> {
    const { id } = wish.cell.model;
    const burst = this.#bursts.join(wish.notebook, id);
    if (isUnapproved(wish.cell)) {
      return this.#approvedOnly(wish, burst);
    }
    const before = burst.behind;
    this.#holds.get(id)?.resolve('replaced');
    if (!isPrompt(wish.cell)) {
      return before === null ? this.#send(wish) : this.#held(wish, before, null);
    }
    const running = this.#running(wish, id);
    if (running !== null) {
      burst.behind = running;
      return running.then(outcome => outcome === 'answered');
    }
    const mine = this.#prompts.get(id) ?? { over: new PromiseDelegate(), sent: false };
    this.#prompts.set(id, mine);
    burst.behind = mine.over.promise;
    return before === null ? this.#prompt(wish, mine) : this.#held(wish, before, mine);
  }

  /** The end of the turn of this prompt where it runs already: it is not asked twice. */
  #running(wish: IWish, id: string): Promise<TurnOutcome> | null {
    const known = this.#prompts.get(id);
    if (known?.sent === true) {
      return known.over.promise;
    }
    return this.#turnsOf(wish)?.ofPrompt(id)?.done ?? null;
  }

  /** A cell that nobody approved runs only where the user asked for it, and it alone. */
  async #approvedOnly(wish: IWish, burst: Burst): Promise<boolean> {
    await Promise.resolve(); // from here on it is known what the burst holds
    const about = savedMetadata(wish.cell.model.sharedModel);
    const awaited = about?.turn === this.#turnsOf(wish)?.running?.id;
    const half = about?.status === 'writing';
    const over = hasRun(wish.cell); // and its turn has only not said so yet
    return burst.cells.size > 1 || (awaited && (half || over)) ? true : this.#once(wish);
  }

  /** A proposal that is on its way to the kernel is not sent again, whoever else wants it run. */
  #once(wish: IWish): Promise<boolean> {
    const { id } = wish.cell.model;
    const sent = this.#approved.get(id);
    if (sent !== undefined) {
      return sent;
    }
    const sending = this.#send(wish).finally(() => {
      this.#approved.delete(id);
    });
    this.#approved.set(id, sending);
    return sending;
  }

  async #held(wish: IWish, before: Promise<TurnOutcome>, mine: IAwaited | null): Promise<boolean> {
    const { cell } = wish;
    const end = await this.#wait(cell, before);
    if (end === 'replaced') {
      if (cell.isDisposed && mine !== null) {
        this.#end(cell.model.id, mine, 'answered'); // deleted: those behind it go on
      }
      return true;
    }
    if (end !== 'answered') {
      showNotRun(cell);
      if (mine !== null) {
        this.#end(cell.model.id, mine, end);
      }
      return false;
    }
    return mine === null ? this.#send(wish) : this.#prompt(wish, mine);
  }

  async #wait(cell: Cell, before: Promise<TurnOutcome>): Promise<TurnOutcome | 'replaced'> {
    const { id } = cell.model;
    const replaced = new PromiseDelegate<'replaced'>();
    const replace = (): void => {
      replaced.resolve('replaced');
    };
    this.#holds.set(id, replaced);
    cell.disposed.connect(replace);
    showQueued(cell);
    try {
      return await Promise.race([before, replaced.promise]);
    } finally {
      cell.disposed.disconnect(replace);
      if (this.#holds.get(id) === replaced) {
        this.#holds.delete(id);
      }
    }
  }

  async #prompt(wish: IWish, mine: IAwaited): Promise<boolean> {
    mine.sent = true;
    const { id } = wish.cell.model;
    const turns = this.#turnsOf(wish);
    const watch = turns && new TurnWatch(turns, new PromptCell(id, wish.notebook, wish.session));
    let success = false;
    try {
      success = await this.#send(wish);
      return success;
    } finally {
      const over = watch?.over(success) ?? Promise.resolve(success ? 'answered' : 'failed');
      void over.then(outcome => {
        this.#end(id, mine, outcome);
      });
    }
  }

  #end(id: string, prompt: IAwaited, outcome: TurnOutcome): void {
    if (this.#prompts.get(id) === prompt) {
      this.#prompts.delete(id);
    }
    prompt.over.resolve(outcome);
  }

  async #send(wish: IWish): Promise<boolean> {
    const turns = this.#turnsOf(wish);
    const surroundings = this.#surroundings;
    if (turns === null || surroundings === null) {
      return wish.send(null);
    }
    if (turns.running !== null && isStop(wish.cell)) {
      turns.stop();
      showNothing(wish.cell);
      return true;
    }
    if (isPrompt(wish.cell)) {
      return wish.send(() =>
        promptMarker(
          wish.cell.model.sharedModel,
          wish.session,
          turns,
          surroundings.settings(),
          surroundings.version
        )
      );
    }
    return wish.cell.model.type === 'code' && isAction(wish.cell)
      ? this.#action(wish, turns)
      : wish.send(null);
  }

  /** An action: its turn is told of it, and its failure aborts nothing that is queued. */
  async #action(wish: IWish, turns: INotebookTurns): Promise<boolean> {
    const { model } = wish.cell;
    const { id } = model;
    if (isEmptied(wish.cell, turns)) {
      turns.reject(id, EMPTIED); // an empty cell is sent to no kernel, so its turn would wait
      return true;
    }
    let sent = false as boolean; // set by a callback
    let success = false;
    try {
      success = await wish.send(() => {
        sent = true;
        turns.started(id);
        return throughErrors(model.sharedModel);
      });
      return success;
    } finally {
      if (sent) {
        turns.finished(id, success);
      }
    }
  }
}

/** Whether this is a proposal that the running turn waits for, and nothing is left of it. */
function isEmptied(cell: Cell, turns: INotebookTurns): boolean {
  const { sharedModel } = cell.model;
  const about = savedMetadata(sharedModel);
  const waits = about?.status === 'proposed' && about.turn === turns.running?.id;
  return waits && sharedModel.getSource().trim() === '';
}

function isAction(cell: Cell): boolean {
  return savedMetadata(cell.model.sharedModel)?.role === 'action';
}

/**
 * Whether this is an action that nobody approved: it still is a proposal, or was one to the
 * end of its turn and has not run since.
 */
function isUnapproved(cell: Cell): boolean {
  const about = savedMetadata(cell.model.sharedModel);
  return about?.role === 'action' && isOpen(about.status ?? '', hasRun(cell));
}
