/**
 * The card in a prompt's output: how its turn stands, and what can be done.
 *
 * The file keeps the card as it was last; whether that is still true only the kernel can
 * say. So a running state is shown while `ITurns` confirms it, and for a moment after the
 * prompt was sent or the notebook opened, until the kernel had its say.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

import { button, element, leave, pause, write } from '../dom';
import { CARD_MIME } from '../protocol/messages';
import type { Card } from '../protocol/messages';
import type { INotebookTurns, ITurns } from '../tokens';
import { trans } from '../translation';
import { showLines } from './lines';
import { readCard } from './shown';
import { type ICardWords, type Standing, turnOf, wordsOf } from './words';

/** How long the kernel may take to tell of a turn after the page shows its card, in ms. */
const CONFIRMED_WITHIN = 5_000;

/** The same where the prompt was sent just now, as the gate has it. */
const STARTED_WITHIN = 30_000;

/** What the card's buttons do. */
export interface ICardActions {
  /** Run the proposal of this turn in the notebook that holds this card. */
  run(card: Widget, turn: string): Promise<void>;
  /** Whether the cell that holds this card is being run at this moment. */
  isFresh(card: Widget): boolean;
}

type Buttons = Readonly<
  Record<'canRun' | 'canRunRest' | 'canStop' | 'canRestart', HTMLButtonElement>
>;

/** A widget that JupyterLab hands every new state of the same card. */
export class TurnCard extends Widget implements IRenderMime.IRenderer {
  #facts = element('span', 'codeact-Card-facts');
  #state = element('span', 'codeact-Card-state');
  #lines = element('div', 'codeact-Card-lines');
  #buttons: Buttons;
  #card: Card | null = null;
  #confirmed = false;
  /** Whether its prompt was sent just now, by this page. */
  #fresh = false;
  #patience: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly turns: ITurns,
    private readonly actions: ICardActions
  ) {
    super();
    this.addClass('codeact-Card');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', trans.__('CodeAct turn'));
    this.#buttons = this.#makeButtons();
    const row = element('span', 'codeact-Buttons');
    row.append(...Object.values(this.#buttons));
    const head = element('div', 'codeact-Card-head');
    const line = element('span', 'codeact-Card-line');
    line.append(this.#facts, this.#state);
    head.append(line, row);
    for (const spoken of [this.#state, this.#lines]) {
      spoken.setAttribute('aria-live', 'polite');
    }
    this.node.append(head, this.#lines);
    turns.changed.connect(this.#onChanged, this);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what throws is to be a rejection
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const found = readCard(model.data[CARD_MIME]);
    if (found !== null) {
      if (this.#card?.turn !== found.turn) {
        this.#confirmed = false;
        this.#wait();
      }
      this.#card = found;
      this.#show();
    }
  }

  override dispose(): void {
    this.turns.changed.disconnect(this.#onChanged, this);
    this.#stopWaiting();
    super.dispose();
  }

  /** Only now it is known which cell and notebook hold it. */
  protected override onAfterAttach(): void {
    if (this.#patience !== null) {
      this.#fresh = this.actions.isFresh(this);
      this.#wait();
    }
    this.#show();
  }

  get #own(): INotebookTurns | null {
    return this.turns.around(this.node);
  }

  #onChanged(_: ITurns, changed: INotebookTurns): void {
    if (changed === this.#own) {
      this.#show();
    }
  }

  #show(): void {
    const card = this.#card;
    if (card !== null) {
      const turns = this.#own;
      this.#put(wordsOf(card, turns, this.#standing(card, turns)));
    }
  }

  #standing(card: Card, turns: INotebookTurns | null): Standing {
    if (turnOf(card, turns) !== null) {
      this.#confirmed = true;
      this.#stopWaiting();
      return 'confirmed';
    }
    if (this.#patience === null && turns?.pending === true) {
      return 'asked';
    }
    const denied = turns?.connected === true && !this.#fresh;
    return this.#confirmed || denied || this.#patience === null ? 'over' : 'expected';
  }

  /** Give the kernel some time to tell of the turn. */
  #wait(): void {
    this.#stopWaiting();
    this.#patience = setTimeout(
      () => {
        this.#patience = null;
        this.#show();
      },
      this.#fresh ? STARTED_WITHIN : CONFIRMED_WITHIN
    );
  }

  #stopWaiting(): void {
    if (this.#patience !== null) {
      clearTimeout(this.#patience);
      this.#patience = null;
    }
  }

  #put(words: ICardWords): void {
    write(this.#facts, words.facts);
    write(this.#state, words.state);
    this.toggleClass('codeact-mod-busy', words.busy);
    this.toggleClass('codeact-mod-waiting', words.canRun);
    this.toggleClass('codeact-mod-ended', !words.busy && !words.canStop);
    for (const name of ['canRun', 'canRunRest', 'canStop', 'canRestart'] as const) {
      this.#offer(this.#buttons[name], words[name]);
    }
    showLines(this.#lines, words.lines);
  }

  /** A double click on one proposal must not mean the next one, nor one on Run what follows. */
  #offer(found: HTMLButtonElement, wanted: boolean): void {
    if (!wanted) {
      leave(found);
    } else if (found.hidden && found === this.#buttons.canRun) {
      pause(found);
    }
    found.hidden = !wanted;
  }

  #makeButtons(): Buttons {
    const rest = button(trans.__('Run all remaining steps'), '', () => {
      this.#own?.approveRest(this.#card?.turn ?? '');
    });
    rest.title = trans.__('Run this proposal and all remaining steps of this turn without asking');
    return {
      canRun: button(trans.__('Run'), 'codeact-mod-primary', () => {
        this.#run();
      }),
      canRunRest: rest,
      canStop: button(trans.__('Stop'), '', () => {
        this.#own?.stop();
      }),
      canRestart: button(trans.__('Restart kernel'), 'codeact-mod-warn', () => {
        void this.#own?.restart();
      })
    };
  }

  #run(): void {
    const { canRun } = this.#buttons;
    leave(canRun);
    canRun.disabled = true; // a double click runs it once
    void this.actions.run(this, this.#card?.turn ?? '').finally(() => {
      canRun.disabled = false;
    });
  }
}
