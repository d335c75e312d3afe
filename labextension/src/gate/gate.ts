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

import {
  isAction,
  isPrompt,
  isProposed,
  isUnapproved,
  savedMetadata,
  turnOf
} from '../cells/metadata';
import type { INotebookTurns, TurnOutcome } from '../tokens';
import { trans } from '../translation';
import { type Burst, Bursts } from './burst';
import { PromptCell, isCode, isStop, showNotRun, showNothing } from './cell';
import { Hold } from './hold';
import { KernelsToCome } from './kernel';
import { TurnWatch } from './over';
import { promptMarker, throughErrors } from './marker';
import { layOver } from './transient';

type RunCell = INotebookCellExecutor['runCell'];
type Execute = typeof CodeCell.execute;
type Reply = Awaited<ReturnType<Execute>>;

/** What the gate has to know, once the notebooks are there. */
export interface ISurroundings {
  /** The turns of the notebook with this model, or null where it shows in no panel. */
  turnsOf(notebook: INotebookModel): INotebookTurns | null;
  /** The notebook that this cell widget is in, or null, as in a console. */
  notebookOf(cell: CodeCell): INotebookModel | null;
  /** The widget of the cell of this id, or null where the notebook does not show it any more. */
  cellOf(notebook: INotebookModel, id: string): Cell | null;
  /** What the user has set, for the kernel. */
  settings(): JSONObject;
  /** Whether what happens now comes of a key that is held down. */
  isHeldDown(): boolean;
  /** Tell the user one sentence. */
  warn(sentence: string): void;
  readonly version: string;
}

/** A wish to run one cell. */
interface IWish {
  readonly cell: Cell;
  /** The id of the cell, which a widget that was deleted cannot tell any more. */
  readonly id: string;
  readonly notebook: INotebookModel;
  readonly session: ISessionContext | null;
  /**
   * Runs it, by the widget that it has by then; `extra` is asked for just before it is sent,
   * for metadata of that request.
   */
  readonly send: (cell: Cell, extra: (() => JSONObject) | null) => Promise<boolean>;
}

/** A prompt whose turn cells wait for. */
interface IAwaited {
  readonly over: PromiseDelegate<TurnOutcome>;
  /** The text that was sent; null as long as it is itself held behind another prompt. */
  sent: string | null;
}

/** What goes on in one notebook, by cell id; a copy of a notebook has the same ids. */
class Waiting {
  /** The cells that wait behind a turn. */
  readonly holds = new Map<string, Hold>();
  readonly prompts = new Map<string, IAwaited>();
  /** Proposals whose replies have not come. */
  readonly approved = new Map<string, Promise<boolean>>();
}

export class Gate implements INotebookCellExecutor {
  #bursts = new Bursts();
  #surroundings: ISurroundings | null = null;
  #waiting = new WeakMap<INotebookModel, Waiting>();
  #kernels = new KernelsToCome();

  constructor(private readonly stock: RunCell) {}

  /** From now on the notebooks are known; before, every cell runs as without us. */
  connect(surroundings: ISurroundings): void {
    this.#surroundings = surroundings;
  }

  /** Run a cell as JupyterLab asks for it. */
  runCell(options: INotebookCellExecutor.IRunCellOptions): Promise<boolean> {
    const { notebook, sessionContext } = options;
    const send: IWish['send'] = (current, extra) => {
      if (extra === null) {
        return this.stock({ ...options, cell: current });
      }
      const onCellExecutionScheduled: typeof options.onCellExecutionScheduled = args => {
        layOver(current.model.sharedModel, extra());
        options.onCellExecutionScheduled(args);
      };
      return this.stock({ ...options, cell: current, onCellExecutionScheduled });
    };
    const { cell } = options;
    const { id } = cell.model;
    return this.#behind({ cell, id, notebook, session: sessionContext ?? null, send });
  }

  /** The same in front of `CodeCell.execute`, for executors that are not ours. */
  inFrontOf(execute: Execute): Execute {
    return async (cell, session, metadata) => {
      const notebook = this.#surroundings?.notebookOf(cell) ?? null;
      if (notebook === null) {
        return execute(cell, session, metadata);
      }
      const replies: Reply[] = [];
      const send: IWish['send'] = async (current, extra) => {
        const about = { ...metadata, ...extra?.() };
        const reply = isCode(current) ? await execute(current, session, about) : undefined;
        replies.push(reply);
        return reply === undefined || reply.content.status === 'ok';
      };
      const { id } = cell.model;
      const ran = await this.#behind({ cell, id, notebook, session, send });
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

  #in({ notebook }: IWish): Waiting {
    const known = this.#waiting.get(notebook) ?? new Waiting();
    this.#waiting.set(notebook, known);
    return known;
  }

  #behind(wish: IWish): Promise<boolean> {
    const { id } = wish;
    const burst = this.#bursts.join(wish.notebook, id);
    if (this.#isSent(wish)) {
      return Promise.resolve(true);
    }
    if (isUnapproved(wish.cell.model.sharedModel)) {
      if (this.#surroundings?.isHeldDown() === true) {
        return Promise.resolve(true); // nobody reads that fast
      }
      return this.#approvedOnly(wish, burst);
    }
    const before = burst.behind ?? this.#kernelOf(wish);
    const { holds, prompts } = this.#in(wish);
    holds.get(id)?.replace();
    if (!isPrompt(wish.cell.model.sharedModel)) {
      return before === null ? this.#send(wish) : this.#held(wish, before, null);
    }
    const running = this.#running(wish);
    if (running !== null) {
      burst.behind = running;
      return running.then(outcome => outcome === 'answered');
    }
    const mine = prompts.get(id) ?? { over: new PromiseDelegate(), sent: null };
    prompts.set(id, mine);
    burst.behind = mine.over.promise;
    return before === null ? this.#prompt(wish, mine) : this.#held(wish, before, mine);
  }

  /** The end of the turn of this prompt where it runs already: it is not asked twice. */
  #running(wish: IWish): Promise<TurnOutcome> | null {
    const known = this.#in(wish).prompts.get(wish.id);
    if (known !== undefined && known.sent !== null) {
      this.#sayOfEdit(wish, known.sent);
      return known.over.promise;
    }
    return this.#turnsOf(wish)?.ofPrompt(wish.id)?.done ?? null;
  }

  /** The user may take it for asked, where its text is another one by now. */
  #sayOfEdit({ cell }: IWish, sent: string): void {
    const heldDown = this.#surroundings?.isHeldDown() === true; // else it is said at each repetition
    if (!heldDown && cell.model.sharedModel.getSource() !== sent) {
      this.#surroundings?.warn(
        trans.__('This prompt’s turn still runs; stop it first to ask anew.')
      );
    }
  }

  /** Resolves when the kernel is there that has to run this cell; null where it need not wait. */
  #kernelOf({ cell, session }: IWish): Promise<TurnOutcome> | null {
    return isCode(cell) ? this.#kernels.of(session) : null;
  }

  /** Whether this is an action that the running turn sees run already: once is enough. */
  #isSent({ cell, id, notebook }: IWish): boolean {
    const turns = this.#surroundings?.turnsOf(notebook) ?? null;
    const { sharedModel } = cell.model;
    const live = turns?.running?.id === turnOf(sharedModel) && isAction(sharedModel);
    return live && turns.isSent(id);
  }

  /** A cell that nobody approved runs only where the user asked for it, and it alone. */
  async #approvedOnly(wish: IWish, burst: Burst): Promise<boolean> {
    await Promise.resolve(); // from here on it is known what the burst holds
    const { sharedModel } = wish.cell.model;
    const awaited = turnOf(sharedModel) === this.#turnsOf(wish)?.running?.id;
    const half = savedMetadata(sharedModel)?.status === 'writing';
    const among = burst.cells.size > 1;
    if (among) {
      this.#turnsOf(wish)?.decisions.skipped(wish.id, !burst.past);
      burst.past = true;
    }
    return among || (awaited && half) ? true : this.#once(wish);
  }

  /** A proposal that is on its way to the kernel is not sent again, whoever else wants it run. */
  #once(wish: IWish): Promise<boolean> {
    const { id } = wish;
    const { approved } = this.#in(wish);
    const before = approved.get(id);
    if (before !== undefined) {
      return before;
    }
    const coming = this.#kernelOf(wish);
    const sent = coming === null ? this.#send(wish) : this.#held(wish, coming, null);
    const sending = sent.finally(() => {
      approved.delete(id);
    });
    approved.set(id, sending);
    return sending;
  }

  async #held(asked: IWish, before: Promise<TurnOutcome>, mine: IAwaited | null): Promise<boolean> {
    const { id, notebook } = asked;
    const { holds } = this.#in(asked);
    const hold = new Hold(asked.cell, () => this.#surroundings?.cellOf(notebook, id) ?? null);
    holds.set(id, hold);
    const end = await hold.until(before);
    if (holds.get(id) === hold) {
      holds.delete(id);
    }
    const wish = { ...asked, cell: hold.cell };
    if (end === 'answered') {
      return mine === null ? this.#send(wish) : this.#prompt(wish, mine);
    }
    if (end === 'replaced') {
      return true;
    }
    if (mine !== null) {
      // those behind a prompt that was deleted go on
      this.#end(wish, mine, end === 'deleted' ? 'answered' : end);
    }
    showNotRun(wish.cell);
    return end === 'deleted';
  }

  async #prompt(wish: IWish, mine: IAwaited): Promise<boolean> {
    mine.sent = wish.cell.model.sharedModel.getSource();
    const turns = this.#turnsOf(wish);
    const watch =
      turns && new TurnWatch(turns, new PromptCell(wish.id, wish.notebook, wish.session));
    const end = (outcome: TurnOutcome): void => {
      watch?.dispose();
      this.#end(wish, mine, outcome);
    };
    void watch?.ended.then(end);
    let success = false;
    try {
      success = await this.#send(wish);
      return success;
    } finally {
      void (watch?.over(success) ?? Promise.resolve(success ? 'answered' : 'failed')).then(end);
    }
  }

  #end(wish: IWish, prompt: IAwaited, outcome: TurnOutcome): void {
    const { prompts } = this.#in(wish);
    if (prompts.get(wish.id) === prompt) {
      prompts.delete(wish.id);
    }
    prompt.over.resolve(outcome);
  }

  async #send(wish: IWish): Promise<boolean> {
    const turns = this.#turnsOf(wish);
    const surroundings = this.#surroundings;
    if (turns === null || surroundings === null) {
      return wish.send(wish.cell, null);
    }
    if (turns.running !== null && isStop(wish.cell)) {
      turns.stop();
      showNothing(wish.cell);
      return true;
    }
    if (isPrompt(wish.cell.model.sharedModel)) {
      return wish.send(wish.cell, () =>
        promptMarker(
          wish.cell.model.sharedModel,
          wish.session,
          turns,
          surroundings.settings(),
          surroundings.version
        )
      );
    }
    return wish.cell.model.type === 'code' && isAction(wish.cell.model.sharedModel)
      ? this.#action(wish, turns)
      : wish.send(wish.cell, null);
  }

  /** An action: it runs once, and its failure aborts nothing that is queued. */
  async #action(wish: IWish, turns: INotebookTurns): Promise<boolean> {
    const { id } = wish;
    const { model } = wish.cell;
    if (isEmptied(wish.cell, turns)) {
      turns.reject(id, '', 'emptied'); // an empty cell is sent to no kernel, so its turn would wait
      return true;
    }
    return this.#isSent(wish) || wish.send(wish.cell, () => throughErrors(model.sharedModel));
  }
}

/** Whether this is a proposal that the running turn waits for, and nothing is left of it. */
function isEmptied(cell: Cell, turns: INotebookTurns): boolean {
  const { sharedModel } = cell.model;
  const waits = isProposed(sharedModel) && turnOf(sharedModel) === turns.running?.id;
  return waits && sharedModel.getSource().trim() === '';
}
