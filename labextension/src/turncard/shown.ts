/** The card that a prompt's output holds. A file may hold anything under our MIME type. */
import type { IOutput } from '@jupyterlab/nbformat';

import { isObject } from '../cells/metadata';
import { CARD_MIME } from '../protocol/messages';
import type { Card } from '../protocol/messages';
import type { TurnOutcome } from '../tokens';

/** The part of an output model that is read here. */
export interface IOutputs {
  readonly length: number;
  get(index: number): { toJSON(): IOutput };
}

const STATES: readonly unknown[] = ['thinking', 'writing', 'waiting', 'running', 'ended'];

/**
 * The card that this JSON is, or null. What is missing or of another kind, as in a card of a
 * newer version or by somebody else, is what it would be in a turn that has just begun.
 */
export function readCard(found: unknown): Card | null {
  if (!isObject(found) || typeof found.turn !== 'string' || typeof found.prompt_id !== 'string') {
    return null;
  }
  return {
    version: number(found.version, 1),
    session: text(found.session),
    turn: found.turn,
    prompt_id: found.prompt_id,
    state: STATES.includes(found.state) ? (found.state as Card['state']) : 'thinking',
    step: number(found.step),
    tokens: number(found.tokens),
    tokens_in: number(found.tokens_in),
    tokens_out: number(found.tokens_out),
    tokens_cached: number(found.tokens_cached),
    cost: typeof found.cost === 'number' ? number(found.cost) : null,
    estimated: found.estimated === true,
    seconds: number(found.seconds),
    model: text(found.model),
    policy: found.policy === 'auto' ? 'auto' : 'ask',
    notice: text(found.notice),
    ending: text(found.ending),
    sentence: text(found.sentence)
  };
}

/** The last card among these outputs, or the one of this turn; null where there is none. */
export function cardIn(outputs: IOutputs, turn: string | null = null): Card | null {
  return cardAt(outputs, placeOf(outputs, turn));
}

/** Where that card is, or -1. */
export function placeOf(outputs: IOutputs, turn: string | null): number {
  for (let place = outputs.length - 1; place >= 0; place -= 1) {
    const card = cardAt(outputs, place);
    if (card !== null && (turn === null || card.turn === turn)) {
      return place;
    }
  }
  return -1;
}

/** What the end of a turn means for the cells behind its prompt. */
export function outcomeOf(card: Card): TurnOutcome {
  return card.ending === 'answered' || card.ending === 'stopped' ? card.ending : 'failed';
}

function cardAt(outputs: IOutputs, place: number): Card | null {
  const data: unknown = place < 0 ? null : outputs.get(place).toJSON().data;
  return isObject(data) ? readCard(data[CARD_MIME]) : null;
}

function number(found: unknown, otherwise = 0): number {
  return typeof found === 'number' && Number.isFinite(found) ? found : otherwise;
}

function text(found: unknown): string {
  return typeof found === 'string' ? found : '';
}
