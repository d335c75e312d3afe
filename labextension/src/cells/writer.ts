/** Writes the cells of a turn into the notebook, without losing anything of the user's. */
import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';

import type {
  CellFinish,
  CellMark,
  CellMetadata,
  CellPlace,
  CellRemove,
  CellText,
  ReplyError,
  TurnStarted
} from '../protocol/messages';
import { fingerprint } from './fingerprint';
import type { Ledger } from './ledger';
import {
  branchesOf,
  deleteCells,
  detach,
  findCell,
  hasRun,
  isAction,
  isCellOf,
  isCopy,
  isObject,
  isUnfinished,
  PASSES_TAG,
  savedMetadata,
  saveMetadata,
  saveOwn,
  setTag,
  statusOf,
  turnOf
} from './metadata';
import { UndoGroups } from './undo';

/** The most turns of a prompt that it keeps. */
const MOST_BRANCHES = 10;

/** What came of a request about a cell; the fields of a reply. */
export interface IOutcome {
  error?: ReplyError;
  text?: string;
  fingerprint?: string;
}

/**
 * The cells of turns in one shared notebook.
 *
 * It keeps what the model wrote apart from what stands in the cell: as long as both are the
 * same the cell is the model's, and is written exactly; once they differ the user has typed
 * there, and only what is new is appended. Every verb does nothing the second time.
 */
export class CellWriter {
  constructor(
    private readonly notebook: ISharedNotebook,
    private readonly ledger: Ledger
  ) {
    this.undo = new UndoGroups(notebook);
  }

  /**
   * Insert a cell behind the last one of its turn, or behind its prompt. One that was there
   * before, and is not, was deleted by the user, or for good.
   */
  place(message: CellPlace): IOutcome {
    const { cell_id: id, cell_type, source, metadata } = message;
    const there = findCell(this.notebook, id);
    if (there) {
      this.placed.add(id);
      return here(there);
    }
    if (!this.placed.has(id)) {
      this.makeRoom(message);
    }
    const at = this.behind(message.prompt_id, metadata);
    if (at === null || this.placed.has(id)) {
      return gone(id);
    }
    this.undo.run(`${metadata.turn} ${metadata.step}`, () => {
      const cell = this.notebook.insertCell(at, { cell_type, id, source, metadata: {} });
      saveMetadata(cell, metadata);
    });
    this.texts.set(id, source);
    this.placed.add(id);
    const cell = this.find(id);
    this.ledger.note(cell, source);
    return here(cell);
  }

  /** Write on what the model writes; what is missed or late is put right by `finish`. */
  text(message: CellText): void {
    const cell = findCell(this.notebook, message.cell_id);
    const before = cell && this.textOf(cell, message.at);
    const writing = cell && savedMetadata(cell)?.status === 'writing';
    if (!writing || before === null || message.at > before.length || this.whole.has(cell.getId())) {
      return;
    }
    this.write(cell, before, before.slice(0, message.at) + message.text);
  }

  /**
   * The cell is whole. Where the user typed into it, his text stays; one that is no longer
   * being written keeps what became of it: a page that was reloaded is told again. Where the
   * end of the turn overtook this, in a connection that was cut, it is written still.
   */
  finish(message: CellFinish): IOutcome {
    const cell = this.own(message);
    if (!cell) {
      return gone(message.cell_id);
    }
    if (!this.whole.has(message.cell_id) && isHalf(cell, message.metadata)) {
      const now = cell.getSource();
      const before =
        this.texts.get(message.cell_id) ?? (message.source.startsWith(now) ? now : null);
      if (before !== null) {
        this.write(cell, before, message.source);
      }
      this.texts.set(message.cell_id, message.source);
      saveMetadata(cell, message.metadata);
      this.ledger.note(cell, message.source);
    }
    this.whole.add(message.cell_id);
    return here(cell);
  }

  /**
   * Keep what came of a cell, also where the user made text of it since; that is not touched.
   *
   * @param isLate - Whether the user has run the cell since: how that goes is kept.
   */
  mark(message: CellMark, isLate = false): IOutcome {
    const cell = findCell(this.notebook, message.cell_id);
    if (!cell || (cell.cell_type !== 'code' && turnOf(cell) === '')) {
      return gone(message.cell_id);
    }
    const told = message.metadata;
    const status = isLate ? savedMetadata(cell)?.status : null;
    saveMetadata(cell, { ...told, status: status ?? told.status });
    if (message.passes && !isLate && cell.cell_type === 'code') {
      setTag(cell, PASSES_TAG, true);
    }
    return here(cell);
  }

  /**
   * Take a cell away if its text is still the model's, else only mark it. What is there all the
   * same when this is said again was brought back by the user, or was left to him before; and so
   * was what is marked or has run, as far as a page knows that was loaded since.
   */
  remove(message: CellRemove): IOutcome {
    const cell = this.own(message);
    const again = this.removed.has(message.cell_id);
    this.removed.add(message.cell_id);
    this.placed.add(message.cell_id); // or it would be, by what was lost on its way till now
    const marked = cell && savedMetadata(cell)?.status === message.metadata.status;
    if (!cell || again || marked || hasRun(cell)) {
      return {};
    }
    saveMetadata(cell, message.metadata);
    const found = here(cell);
    if (found.fingerprint !== message.fingerprint) {
      return { ...found, error: 'edited', text: 'The user edited the cell, so it stays.' };
    }
    this.delete([cell]);
    return found;
  }

  /**
   * Take away the cells of a turn that wait or are half written, but for what was said until
   * then. What was edited is marked, and what has run, perhaps where no tab had this extension,
   * says how that went. What is told later of one that went places it again: its end was lost.
   */
  removeOpen(turn: string): void {
    const left = this.notebook.cells.filter(cell => isCellOf(cell, turn) && isUnfinished(cell));
    const untouched = left.filter(cell => !hasRun(cell) && this.isUntouched(cell));
    for (const cell of left) {
      const status = hasRun(cell) ? statusOf(cell) : 'stopped';
      const saved = { ...(savedMetadata(cell) as CellMetadata), status };
      const text = untouched.includes(cell) ? fingerprint(cell.getSource()) : saved.fingerprint;
      saveMetadata(cell, { ...saved, fingerprint: text });
    }
    const open = untouched.filter(cell => isAction(cell) || cell.getSource() === '');
    for (const cell of open) {
      this.placed.delete(cell.getId());
    }
    this.delete(open);
  }

  /** A kernel went: nobody will say what became of the action that it executed. */
  interrupt(turn: string): void {
    for (const cell of this.notebook.cells.filter(one => isCellOf(one, turn))) {
      const saved = savedMetadata(cell) as CellMetadata;
      if (saved.status === 'running') {
        saveMetadata(cell, { ...saved, status: 'interrupted' });
      }
    }
  }

  /**
   * A turn takes the place of an earlier one of its prompt, of which it keeps the steps from
   * which it goes on. One that begins anew takes it with its first cell: until then the model
   * may fail.
   */
  replace(prompt: ISharedCell, { replaces, keeps, card }: TurnStarted): void {
    if (keeps > 0) {
      this.adopt(replaces, card.turn, keeps);
      this.setAside(prompt, replaces);
    } else if (replaces !== '') {
      saveOwn(prompt, { replaces });
    }
  }

  /** The turn of this prompt is over: where it left no cell, those of the one before are its own. */
  keepReplaced(prompt: ISharedCell): void {
    const { replaces, turn } = savedMetadata(prompt) ?? {};
    if (typeof replaces === 'string' && turn !== undefined) {
      this.adopt(replaces, turn);
    }
    saveOwn(prompt, { replaces: null });
  }

  /** The cells of an earlier turn become those of another one, up to this step. */
  private adopt(from: string, turn: string, keeps = Infinity): void {
    for (const cell of this.notebook.cells.filter(one => isCellOf(one, from))) {
      const saved = savedMetadata(cell) as CellMetadata;
      if (saved.step <= keeps) {
        saveMetadata(cell, { ...saved, turn });
        saveOwn(cell, { since: null });
      }
    }
  }

  /**
   * Take the cells of an earlier turn out of the notebook, and keep their texts with its
   * prompt. What the user edited stays where it is, as a cell of his own.
   */
  setAside(prompt: ISharedCell, turn: string): void {
    saveOwn(prompt, { replaces: null });
    const all = this.notebook.cells.filter(cell => isCellOf(cell, turn));
    const cells = all.filter(cell => this.isUntouched(cell));
    for (const cell of all) {
      if (!cells.includes(cell)) {
        detach(cell);
      }
    }
    if (cells.length === 0) {
      return;
    }
    const saved = (savedMetadata(prompt) ?? {}) as CellMetadata;
    const others = branchesOf(prompt).filter(one => !isObject(one) || one.turn !== turn);
    const branches = [...others, { turn, cells: cells.map(shortOf) }].slice(-MOST_BRANCHES);
    this.undo.apart(() => {
      saveMetadata(prompt, { ...saved, branches });
      this.drop(cells);
    });
  }

  /** The turn is over: what its cells keep says all that is needed from here on. */
  forget(): void {
    this.texts.clear();
    this.whole.clear();
  }

  /** The notebook is as its file was: what it lacks is placed again, as in a new page. */
  beginAgain(): void {
    this.forget();
    this.placed.clear();
    this.removed.clear();
  }

  /** Whether the text of the cell is what the model wrote, as far as is known. */
  isUntouched(cell: ISharedCell): boolean {
    const source = cell.getSource();
    const text = this.texts.get(cell.getId());
    return text === undefined
      ? savedMetadata(cell)?.fingerprint === fingerprint(source)
      : text === source;
  }

  private delete(cells: ISharedCell[]): void {
    if (cells.length > 0) {
      this.undo.apart(() => {
        this.drop(cells);
      });
    }
  }

  private drop(cells: ISharedCell[]): void {
    for (const cell of cells) {
      this.ledger.forget(cell.getId());
    }
    deleteCells(this.notebook, cells);
  }

  /** The first cell of a turn comes: those of the one that it replaces go. */
  private makeRoom({ prompt_id, metadata }: CellPlace): void {
    const prompt = findCell(this.notebook, prompt_id);
    const { replaces } = (prompt && savedMetadata(prompt)) ?? {};
    if (prompt && typeof replaces === 'string' && turnOf(prompt) === metadata.turn) {
      this.setAside(prompt, replaces);
    }
  }

  /**
   * Where a cell of this turn goes, or null when its prompt went. What is missing before a
   * cell of a later step was deleted by the user, for cells come in their order.
   */
  private behind(promptId: string, { turn, step, role }: CellMetadata): number | null {
    const { cells } = this.notebook;
    const prompt = cells.findIndex(cell => cell.getId() === promptId);
    const mine = cells.filter(cell => isCellOf(cell, turn));
    if (prompt < 0 || mine.some(cell => (savedMetadata(cell)?.step ?? 0) > step)) {
      return null;
    }
    // what stands before the action of its step was lost on its way, and comes again behind it
    const own = mine.findIndex(cell => isAction(cell) && savedMetadata(cell)?.step === step);
    const last = (own < 0 || role === 'action' ? mine : mine.slice(0, own)).at(-1);
    const at = (last ? cells.indexOf(last) : prompt) + 1;
    // what the user made of cells of this turn, as by merging them, still stands for these
    const kept = cells
      .slice(at)
      .findIndex(cell => !(isCopy(cell) && savedMetadata(cell)?.turn === turn));
    return kept < 0 ? cells.length : at + kept;
  }

  /** What the model wrote so far; after a page reload what stands there, if it fits. */
  private textOf(cell: ISharedCell, at: number): string | null {
    const known = this.texts.get(cell.getId());
    const source = cell.getSource();
    return known ?? (source.length === at ? source : null);
  }

  private write(cell: ISharedCell, before: string, after: string): void {
    const source = cell.getSource();
    cell.transact(() => {
      if (source === before) {
        splice(cell, before, after);
      } else if (after.startsWith(before)) {
        cell.updateSource(source.length, source.length, after.slice(before.length));
      }
    }, false);
    this.texts.set(cell.getId(), after);
  }

  /** The cell that a message is about, unless the user made something else of it. */
  private own(message: CellFinish | CellMark | CellRemove): ISharedCell | null {
    const cell = findCell(this.notebook, message.cell_id);
    const kept = message.metadata.role !== 'action' || cell?.cell_type === 'code';
    return kept ? cell : null;
  }

  private find(cellId: string): ISharedCell {
    const cell = findCell(this.notebook, cellId);
    if (!cell) {
      throw new Error(`The notebook holds no cell ${cellId}, although it was just inserted.`);
    }
    return cell;
  }

  private readonly undo: UndoGroups;
  /** What the model wrote into each cell, by cell id. */
  private readonly texts = new Map<string, string>();
  /** The cells that the model has finished. */
  private readonly whole = new Set<string>();
  /** What was there: for good, as the kernel says all again, also long after the turn's end. */
  private readonly placed = new Set<string>();
  /** What the kernel had taken away, and says so again. */
  private readonly removed = new Set<string>();
}

/** Change only what differs, so that cursors and selections stay where they are. */
function splice(cell: ISharedCell, before: string, after: string): void {
  let same = 0;
  while (same < before.length && before[same] === after[same]) {
    same += 1;
  }
  if (same < before.length || same < after.length) {
    cell.updateSource(same, before.length, after.slice(same));
  }
}

/** Whether the end of this cell is missing; what was not approved when its turn ended is over. */
function isHalf(cell: ISharedCell, then: CellMetadata): boolean {
  const status = savedMetadata(cell)?.status;
  return status === 'writing' || (status === 'stopped' && then.role !== 'action');
}

/** A cell as its branch keeps it: outputs would make the file grow with every turn. */
function shortOf(cell: ISharedCell): { role: string; source: string } {
  return { role: savedMetadata(cell)?.role ?? '', source: cell.getSource() };
}

function here(cell: ISharedCell): IOutcome {
  return { fingerprint: fingerprint(cell.getSource()) };
}

function gone(cellId: string): IOutcome {
  return { error: 'gone', text: `The notebook no longer holds the cell ${cellId} or its prompt.` };
}
