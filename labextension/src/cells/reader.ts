/** Says what stands in the notebook, and what the user changed in it. */
import type { ISharedCell, ISharedCodeCell, ISharedNotebook } from '@jupyter/ydoc';

import type {
  NotebookCell,
  NotebookChange,
  NotebookNews,
  NotebookRead,
  ReplyError
} from '../protocol/messages';
import type { IEntry, Ledger } from './ledger';
import { findCell, isCellOf, isHidden, isOpen, isPrompt, savedMetadata, turnOf } from './metadata';
import { fingerprint } from './fingerprint';
import { cut, readOutputs } from './outputs';

/** The most characters of one source. */
const MOST_OF_SOURCE = 8_000;

/** What stands above a prompt; the fields of a reply. */
export interface IReading {
  error?: ReplyError;
  text?: string;
  cells?: NotebookCell[];
  left_out?: number;
  hidden?: string[];
}

/** Reads one shared notebook for the model, and remembers in the ledger what it has seen. */
export class NotebookReader {
  constructor(
    private readonly notebook: ISharedNotebook,
    private readonly ledger: Ledger
  ) {}

  /** The cells above the prompt in their order; of many the newest, as the budget allows. */
  read(message: NotebookRead): IReading {
    const prompt = findCell(this.notebook, message.prompt_id);
    const { cells } = this.notebook;
    if (!prompt && message.prompt_id !== '') {
      return { error: 'gone', text: 'The notebook no longer holds the prompt.' };
    }
    this.look();
    const turn = prompt ? turnOf(prompt) : '';
    const end = prompt ? cells.indexOf(prompt) : cells.length;
    const before = cells.slice(0, end).filter(cell => !isCellOf(cell, turn));
    // a turn that has just begun has cells only where it goes on from a step of the one before
    const begun = prompt !== null && savedMetadata(prompt)?.status === 'running';
    const own = begun ? cells.filter(cell => isCellOf(cell, turn)) : [];
    const above = [...before, ...own].filter(cell => !isHidden(cell));
    const kept: NotebookCell[] = [];
    let characters = 0;
    for (const cell of above.reverse()) {
      const shown = readCell(cell);
      characters += JSON.stringify(shown).length;
      if (characters > message.characters) {
        break;
      }
      kept.unshift(shown);
    }
    const hidden = cells.filter(isHidden).map(cell => fingerprint(withoutEnd(cell.getSource())));
    return { cells: kept, left_out: above.length - kept.length, hidden };
  }

  /** The kernel was sent this cell: what ran is no change, and nobody hears of a hidden one. */
  sent(cell: ISharedCell): void {
    if (!isHidden(cell)) {
      this.ledger.sent(cell);
    }
  }

  /** What the user edited, deleted and added since the last look at the notebook. */
  news(message: NotebookNews): { changes: NotebookChange[] } {
    const changes = this.ledger.begun
      ? [...this.changed(message.prompt_id), ...this.deleted()]
      : [];
    this.look();
    let left = message.characters;
    const cutToFit = changes.map(change => {
      const source = cut(change.source, Math.min(MOST_OF_SOURCE, Math.max(left, 0)));
      left -= source.length;
      return { ...change, source };
    });
    return { changes: cutToFit };
  }

  private changed(promptId: string): NotebookChange[] {
    const changes: NotebookChange[] = [];
    for (const cell of this.notebook.cells) {
      const known = this.ledger.entries.get(cell.getId());
      const source = cell.getSource();
      const skipped = isHidden(cell) || isOpen(cell) || cell.getId() === promptId;
      if (skipped || known?.source === source || (!known && !source.trim())) {
        continue;
      }
      const saved = savedMetadata(cell);
      const what = known ? 'edited' : 'added';
      changes.push(change(cell.getId(), what, source, saved?.role ?? null, saved?.step ?? null));
    }
    return changes;
  }

  private deleted(): NotebookChange[] {
    const there = new Set(this.notebook.cells.map(cell => cell.getId()));
    const gone = [...this.ledger.entries].filter(([cellId]) => !there.has(cellId));
    return gone.map(([cellId, { role, step }]: [string, IEntry]) =>
      change(cellId, 'deleted', '', role, step)
    );
  }

  /** From now on only what comes after this is news. */
  private look(): void {
    this.ledger.begun = true;
    const open = new Map(
      this.notebook.cells
        .filter(isOpen)
        .map(cell => [cell.getId(), this.ledger.entries.get(cell.getId())])
    );
    this.ledger.entries.clear();
    for (const cell of this.notebook.cells) {
      const before = open.get(cell.getId());
      if (before) {
        this.ledger.entries.set(cell.getId(), before);
      } else if (!isHidden(cell)) {
        this.ledger.note(cell);
      }
    }
  }
}

function change(
  cell_id: string,
  what: NotebookChange['what'],
  source: string,
  role: NotebookChange['role'],
  step: number | null
): NotebookChange {
  return { cell_id, what, source, role, step };
}

/** As IPython's history keeps a cell. */
function withoutEnd(source: string): string {
  return source.replace(/\n+$/, '');
}

/** A prompt is words to the model, not code, and its card is no output of the user's. */
function readCell(cell: ISharedCell): NotebookCell {
  const source = cut(cell.getSource(), MOST_OF_SOURCE);
  const code = cell.cell_type === 'code' && !isPrompt(cell);
  const turn = turnOf(cell);
  const shown = { cell_id: cell.getId(), cell_type: code ? 'code' : 'markdown', source, turn };
  if (!code) {
    const cell_type = cell.cell_type === 'raw' ? 'raw' : 'markdown';
    return { ...shown, cell_type, execution_count: null, outputs: [] };
  }
  const { execution_count, outputs } = cell as ISharedCodeCell;
  return { ...shown, execution_count, outputs: readOutputs(outputs) };
}
