/**
 * Says below the last cell of a turn why it got no answer: its card is at the prompt, which
 * may be far above what the user is looking at.
 *
 * All is made from the prompts' cards, so it is the same after a reload; it is no output and
 * in no file. That a turn was stopped the user knows, and an answer speaks for itself.
 */
import { type Cell, CodeCell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import { type PanelLayout, Widget } from '@lumino/widgets';

import { writeSentence } from '../dom';
import { cardIn, outcomeOf } from '../turncard/shown';
import { isCellOf, savedMetadata, turnOf } from './metadata';

/** The end of a turn that got no answer, and left cells. */
export interface IEnd {
  readonly prompt: Cell;
  readonly last: Cell;
  readonly sentence: string;
}

/** The ends in one notebook. */
export class TurnEnds {
  #notes = new Map<Cell, EndNote>();

  constructor(private readonly notebook: Notebook) {}

  /** @returns The ends that are shown now, by turn. */
  update(): ReadonlyMap<string, IEnd> {
    const ends = this.#ends();
    const lasts = new Map([...ends.values()].map(({ last, sentence }) => [last, sentence]));
    for (const [cell, note] of this.#notes) {
      if (!lasts.has(cell) || note.isDisposed) {
        note.dispose();
        this.#notes.delete(cell);
      }
    }
    for (const [cell, sentence] of lasts) {
      const note = this.#notes.get(cell) ?? new EndNote(cell);
      this.#notes.set(cell, note);
      note.say(sentence);
    }
    return ends;
  }

  #ends(): Map<string, IEnd> {
    const ends = new Map<string, IEnd>();
    for (const prompt of this.notebook.widgets) {
      const sentence = prompt instanceof CodeCell ? sentenceOf(prompt) : '';
      if (sentence !== '') {
        const turn = turnOf(prompt.model.sharedModel);
        const cells = this.notebook.widgets.filter(cell => isCellOf(cell.model.sharedModel, turn));
        const last = cells.at(-1);
        if (last !== undefined) {
          ends.set(turn, { prompt, last, sentence });
        }
      }
    }
    return ends;
  }
}

/** Why the turn of this prompt got no answer, or ''. */
function sentenceOf({ model }: CodeCell): string {
  const { sharedModel } = model;
  const prompt = savedMetadata(sharedModel)?.role === 'prompt';
  const card = prompt ? cardIn(model.outputs, turnOf(sharedModel)) : null;
  return card?.state === 'ended' && outcomeOf(card) === 'failed' ? card.sentence : '';
}

/** Put a widget at the very end of a cell, below its outputs. */
export function putAtEnd(cell: Cell, widget: Widget): void {
  // a cell that is far away has no content yet
  void cell.ready.then(() => {
    if (!widget.isDisposed && !cell.isDisposed) {
      const layout = cell.layout as PanelLayout;
      const foot = layout.widgets.findIndex(child => child.hasClass('jp-CellFooter'));
      layout.insertWidget(foot < 0 ? layout.widgets.length : foot, widget);
    }
  });
}

/** One line at the very end of a cell, below its outputs. */
class EndNote extends Widget {
  constructor(cell: Cell) {
    super();
    this.addClass('codeact-Note');
    this.addClass('codeact-End');
    this.node.setAttribute('role', 'note');
    putAtEnd(cell, this);
  }

  say(sentence: string): void {
    writeSentence(this.node, `CodeAct · ${sentence}`);
  }
}
