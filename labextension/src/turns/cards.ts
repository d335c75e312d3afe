/** The card of a turn, as an output of its prompt. */
import type { IDisplayData, IOutput } from '@jupyterlab/nbformat';

import { CARD_MIME } from '../protocol/messages';
import type { Card, CellMetadata } from '../protocol/messages';
import { cardIn, placeOf } from '../turncard/shown';
import type { INotebookPlace } from './place';

/** What is used of the outputs of a cell. */
export interface ICardOutputs {
  readonly length: number;
  get(index: number): { toJSON(): IOutput };
  set(index: number, output: IOutput): void;
  add(output: IOutput): number;
}

/**
 * Write the card into the output that shows this turn.
 *
 * The kernel updates the same output by its display id; after a page reload nothing listens
 * to that any more, so the tab always writes it, too.
 *
 * @param add - Whether to add an output where none shows this turn.
 */
export function showCard(outputs: ICardOutputs, card: Card, add: boolean): void {
  const place = placeOf(outputs, card.turn);
  if (place >= 0) {
    const before = outputs.get(place).toJSON();
    outputs.set(place, { ...before, data: bundle(card) });
  } else if (add) {
    outputs.add({ output_type: 'display_data', metadata: {}, data: bundle(card) });
  }
}

/** Below which turn's card is said what befell the notebook: this one's, else the last one's. */
export function turnToTellBelow(place: INotebookPlace, latest: string): string {
  const turns = place.notebook.cells.flatMap(cell => {
    const outputs = place.outputsOf(cell.getId());
    return (outputs && cardIn(outputs)?.turn) ?? [];
  });
  return turns.includes(latest) ? latest : (turns.at(-1) ?? '');
}

/** What a front end without this extension shows of a card. */
export function cardMarkdown(card: Card): string {
  if (card.state === 'ended') {
    return `**CodeAct** · ${figures(card)}\n\n${words(card.sentence)}`;
  }
  const now = card.notice || card.state;
  return `**CodeAct** · ${figures(card)} · ${words(now)}`;
}

/** What an endpoint says may stand in a card: no tag, picture or formula of it may count. */
function words(text: string): string {
  return text.replace(/</g, '&lt;').replace(/!\[/g, '! [').replace(/[$\\]/g, '\\$&');
}

function figures(card: Card): string {
  const tokens = `${card.estimated ? '~' : ''}${card.tokens.toLocaleString('en')} tokens`;
  const ended = card.state === 'ended' ? [`${card.seconds.toFixed(1)} s`] : [];
  return [`step ${card.step}`, ...ended, tokens, words(card.model)].join(' · ');
}

function bundle(card: Card): IDisplayData['data'] {
  const markdown = cardMarkdown(card);
  return {
    [CARD_MIME]: { ...card },
    'text/markdown': markdown,
    'text/plain': markdown.replace(/\*\*/g, '')
  };
}

/** A card that says as much as a cell's metadata does. */
export function blankCard({ session, turn, model, step }: CellMetadata): Card {
  return {
    version: 1,
    session,
    turn,
    prompt_id: '',
    state: 'thinking',
    step,
    tokens: 0,
    tokens_in: 0,
    tokens_out: 0,
    tokens_cached: 0,
    cost: null,
    estimated: true,
    seconds: 0,
    model,
    policy: 'ask',
    notice: '',
    ending: '',
    sentence: ''
  };
}
