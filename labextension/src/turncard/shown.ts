/** The card that a prompt's output holds. */
import { CARD_MIME } from '../protocol/messages';
import type { Card } from '../protocol/messages';

/** The part of an output model that is read here. */
export interface IOutputs {
  readonly length: number;
  get(index: number): { readonly data: Readonly<Record<string, unknown>> };
}

/** The last card among these outputs, or null. */
export function cardIn(outputs: IOutputs): Card | null {
  for (let index = outputs.length - 1; index >= 0; index -= 1) {
    const found = outputs.get(index).data[CARD_MIME];
    if (isCard(found)) {
      return found;
    }
  }
  return null;
}

/** Whether this JSON is a card; a file may hold anything under our MIME type. */
export function isCard(found: unknown): found is Card {
  const card = found as Partial<Card> | null | undefined;
  return (
    typeof card?.turn === 'string' &&
    typeof card.prompt_id === 'string' &&
    typeof card.state === 'string'
  );
}
