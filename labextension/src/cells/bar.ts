/**
 * What stands below the input of an action: the question whether it may run, or one line
 * about why it did not.
 */
import type { Cell } from '@jupyterlab/cells';
import { type PanelLayout, Widget } from '@lumino/widgets';

import { button, element, leave, pause, write, writeSentence } from '../dom';
import { spoken } from '../sentences';
import { trans } from '../translation';

/** What is said of a proposal that Run All came past. */
export function skippedWords(): string {
  return trans.__('Not run: nobody approved it.');
}

/** What is said of one that goes as soon as the kernel hears of it. */
function withdrawnWords(): string {
  return trans.__('This will not run; it goes when the kernel is free to hear of it.');
}

/** What a proposal says about itself. */
export interface IProposal {
  readonly words: string;
  readonly grave: boolean;
  /** Whether no turn waits for it, as in a notebook that was opened again. */
  readonly stale: boolean;
  /** Whether Run All came past it and did not run it. */
  readonly skipped: boolean;
  /** Whether it was rejected or stopped, and the kernel has yet to hear of it. */
  readonly withdrawn: boolean;
}

/** What the user can do with a proposal. */
export interface IProposalActions {
  run(): Promise<void>;
  reject(reason: string): void;
}

/** The bar of a proposal: running it approves it, rejecting it may give the model a reason. */
export class ProposalBar extends Widget {
  #lead = element('span', 'codeact-Bar-lead');
  #grade = element('span', 'codeact-Bar-grade');
  #question = element('div', 'codeact-Bar-row');
  #form = element('div', 'codeact-Bar-row');
  #reason = element('input', 'codeact-Bar-reason');
  #run: HTMLButtonElement;
  #reject: HTMLButtonElement;
  #stale = false;
  #live = false;

  constructor(private readonly actions: IProposalActions) {
    super();
    this.addClass('codeact-Bar');
    this.node.setAttribute('role', 'group');
    this.#run = button(trans.__('Run'), 'codeact-mod-primary', () => {
      this.#approve();
    });
    this.#reject = button(trans.__('Reject…'), '', () => {
      this.askReason();
    });
    this.#question.append(this.#lead, this.#grade, this.#buttons(this.#run, this.#reject));
    this.#makeForm();
    this.node.append(this.#question, this.#form);
  }

  /** The bar of this cell, or null where it shows none. */
  static of(cell: Cell): ProposalBar | null {
    const found = cell.layout && [...cell.layout].find(child => child instanceof ProposalBar);
    return (found as ProposalBar | undefined) ?? null;
  }

  say(proposal: IProposal): void {
    const { skipped, stale, withdrawn } = proposal;
    if (!stale && !this.#live) {
      this.pause();
    }
    this.#live = !stale;
    const { grave } = proposal;
    // of a turn that is not running the grade is the file's word: that may warn, and not reassure
    const words = stale && !grave ? '' : proposal.words;
    this.#stale = stale;
    this.toggleClass('codeact-mod-grave', grave);
    this.toggleClass('codeact-mod-stale', stale);
    const lead = stale
      ? trans.__('Never approved; no turn waits for it')
      : trans.__('Run to approve');
    const asks = skipped ? `${skippedWords()} ${lead}` : lead;
    write(this.#lead, withdrawn ? withdrawnWords() : asks);
    for (const found of [this.#run, this.#reject]) {
      found.hidden = withdrawn;
    }
    if (withdrawn) {
      this.#form.hidden = true;
      this.#question.hidden = false;
    }
    writeSentence(this.#grade, grave ? `⚠ ${words}` : words);
    this.#grade.hidden = words === '';
    write(this.#reject, stale ? trans.__('Remove') : trans.__('Reject…'));
    const grading = spoken(grave ? trans.__('be careful: %1', words) : words);
    const label = stale
      ? trans.__('CodeAct proposed this cell')
      : trans.__('CodeAct proposes this cell');
    this.node.setAttribute('aria-label', grading === '' ? label : `${label}: ${grading}`);
  }

  /** It is in sight only now. */
  pause(): void {
    pause(this.#run);
  }

  override dispose(): void {
    leave(this.node);
    super.dispose();
  }

  /** Ask for the reason; only ever after the user asked to reject. */
  askReason(): void {
    if (this.#stale) {
      this.actions.reject(''); // nobody would read a reason
      return;
    }
    this.#question.hidden = true;
    this.#form.hidden = false;
    this.#reason.focus();
  }

  #approve(): void {
    leave(this.#run);
    this.#run.disabled = true; // a double click runs it once
    void this.actions.run().finally(() => {
      this.#run.disabled = false;
    });
  }

  #makeForm(): void {
    this.#form.hidden = true;
    // else Shift-Enter and Escape in the field would mean the notebook
    this.#form.setAttribute('data-lm-suppress-shortcuts', 'true');
    this.#reason.type = 'text';
    this.#reason.placeholder = trans.__('Reason for the model (optional)');
    this.#reason.setAttribute('aria-label', this.#reason.placeholder);
    const send = button(trans.__('Reject'), 'codeact-mod-primary', () => {
      this.#send();
    });
    const back = button(trans.__('Back'), '', () => {
      this.#back();
    });
    this.#form.append(this.#reason, this.#buttons(send, back));
    this.#form.addEventListener('keydown', event => {
      this.#onKey(event);
    });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.preventDefault();
      this.#back();
    } else if (event.key === 'Enter' && event.target === this.#reason && !event.isComposing) {
      event.preventDefault();
      this.#send();
    }
  }

  #send(): void {
    leave(this.node);
    this.actions.reject(this.#reason.value.trim());
  }

  #back(): void {
    this.#reason.value = '';
    this.#form.hidden = true;
    this.#question.hidden = false;
    this.#reject.focus();
  }

  #buttons(...buttons: HTMLButtonElement[]): HTMLElement {
    const row = element('span', 'codeact-Buttons');
    row.append(...buttons);
    return row;
  }
}

/** One quiet line below an action that did not run as proposed, or is not as it was then. */
export class CellNote extends Widget {
  #text = element('span', '');
  #goOn: HTMLButtonElement;

  /**
   * @param goOn - Goes on with the turn from this cell.
   */
  constructor(goOn: () => void) {
    super();
    this.addClass('codeact-Note');
    this.#goOn = button(trans.__('Continue from here'), '', goOn);
    this.node.append(this.#text, this.#goOn);
  }

  say(text: string, canGoOn: boolean): void {
    write(this.#text, text);
    if (!canGoOn) {
      leave(this.#goOn);
    }
    this.#goOn.hidden = !canGoOn;
  }
}

/** Put a widget below the cell's input, where it is neither input nor output. */
export function putBelowInput(cell: Cell, widget: Widget): void {
  const layout = cell.layout as PanelLayout;
  const input = layout.widgets.findIndex(child => child.hasClass('jp-Cell-inputWrapper'));
  layout.insertWidget(input + 1, widget);
}
