/** What the sidebar shows of one cell, as a value; a file may hold anything in its metadata. */
import type { ISharedCell, ISharedCodeCell } from '@jupyter/ydoc';
import type { IOutput } from '@jupyterlab/nbformat';

import {
  hasRun,
  isAction,
  isObject,
  isPrompt,
  isProposed,
  savedMetadata,
  turnOf
} from '../cells/metadata';
import { gradeOf, noteOf } from '../cells/words';
import type { Card, CellMetadata } from '../protocol/messages';
import { cardIn } from '../turncard/shown';
import { errorOf } from './quoting';

/** A `%%codeact` cell. */
export interface IPromptEntry {
  readonly role: 'prompt';
  readonly cellId: string;
  readonly turn: string;
  readonly session: string;
  /** What stands behind `%%codeact`, and the words below it. */
  readonly flags: string;
  readonly words: string;
  /** How its turn stood when the card was written last, or null before the first. */
  readonly card: Card | null;
  /** The error that its cell shows, as where its turn could not begin; or ''. */
  readonly error: string;
}

/** A cell that a turn brought into the notebook. */
export interface IStepEntry {
  readonly role: Exclude<CellMetadata['role'], 'prompt'>;
  readonly cellId: string;
  readonly turn: string;
  readonly step: number;
  readonly status: string;
  readonly text: string;
  /** What the action would do, and whether that is grave. */
  readonly grade: { readonly words: string; readonly grave: boolean };
  readonly seconds: number;
  readonly tokens: number;
  /** `[3]` as the notebook shows it, or ''. */
  readonly number: string;
  /** The beginning of what it put out. */
  readonly output: string;
  readonly note: string;
  /** Whether it waits for its approval. */
  readonly proposed: boolean;
  readonly hasRun: boolean;
}

export type IEntry = IPromptEntry | IStepEntry;

/** How much of what an action put out is shown. */
const MOST_LINES = 6;
const MOST_CHARACTERS = 600;

const PROMPT = /^\s*%%codeact([^\n]*)\n?([^]*)$/;

/** What to show of this cell, or null where it belongs to no conversation. */
export function readEntry(cell: ISharedCell): IEntry | null {
  const turn = turnOf(cell);
  const saved = savedMetadata(cell);
  if (isPrompt(cell)) {
    const [, flags = '', words = ''] = PROMPT.exec(cell.getSource()) ?? [];
    const outputs = (cell as ISharedCodeCell).outputs;
    return {
      role: 'prompt',
      cellId: cell.getId(),
      turn,
      session: turn === '' ? '' : text(saved?.session),
      flags: flags.trim(),
      words: words.trim(),
      card: turn === '' ? null : cardOf(outputs, turn),
      error: errorOf(cell)
    };
  }
  const role = saved?.role;
  const known = role === 'thought' || role === 'action' || role === 'answer';
  return turn !== '' && known ? stepOf(cell, role, turn) : null;
}

function stepOf(cell: ISharedCell, role: IStepEntry['role'], turn: string): IStepEntry {
  const saved = savedMetadata(cell) ?? {};
  const code = cell.cell_type === 'code';
  const { execution_count: count = null, outputs = [] } = code ? (cell as ISharedCodeCell) : {};
  const ran = hasRun(cell);
  const source = cell.getSource();
  return {
    role,
    cellId: cell.getId(),
    turn,
    step: number(saved.step),
    status: text(saved.status),
    text: source,
    grade: isAction(cell) ? gradeOf(saved, source) : { words: '', grave: false },
    seconds: number(saved.seconds),
    tokens: number(saved.tokens),
    number: count === null ? '' : `[${count}]`,
    output: code ? beginningOf(outputs) : '',
    note: role === 'action' ? noteOf(saved, true, ran) : '',
    proposed: isProposed(cell),
    hasRun: ran
  };
}

function cardOf(outputs: readonly IOutput[], turn: string): Card | null {
  const get = (at: number): { toJSON(): IOutput } => ({
    toJSON: () => outputs[at] ?? { output_type: '' }
  });
  return cardIn({ length: outputs.length, get }, turn);
}

/** The first lines of what a cell put out; a picture is only named. */
export function beginningOf(outputs: readonly IOutput[]): string {
  let shown = '';
  for (const output of outputs) {
    if (shown.length > MOST_CHARACTERS) {
      break;
    }
    shown += `${shown === '' || shown.endsWith('\n') ? '' : '\n'}${wordsOf(output)}`;
  }
  const lines = shown.trimEnd().split('\n');
  const head = lines.slice(0, MOST_LINES).join('\n').slice(0, MOST_CHARACTERS);
  return head.length < shown.trimEnd().length ? `${head}\n…` : head;
}

function wordsOf(output: IOutput): string {
  if (output.output_type === 'error') {
    return `${text(output.ename)}: ${text(output.evalue)}`;
  }
  if (output.output_type === 'stream') {
    return joined(output.text);
  }
  const data = isObject(output.data) ? output.data : {};
  const picture = Object.keys(data).find(mime => mime.startsWith('image/'));
  return picture === undefined ? joined(data['text/plain']) : `[${picture}]`;
}

function joined(found: unknown): string {
  return Array.isArray(found) ? found.map(text).join('') : text(found);
}

function number(found: unknown): number {
  return typeof found === 'number' && Number.isFinite(found) ? found : 0;
}

function text(found: unknown): string {
  return typeof found === 'string' ? found : '';
}
