/** What the card says, as a value: the view only puts it on the page. */
import type { Card } from '../protocol/messages';
import type { INotebookTurns, ITurn } from '../tokens';
import { trans } from '../translation';

/** How far a card that is not ended is known to be true. */
export type Standing =
  | 'confirmed' // the kernel told this tab of the turn
  | 'expected' // its prompt was sent just now; the kernel's word is on its way
  | 'asked' // the kernel was asked of it long ago, and is too busy to answer
  | 'over'; // the kernel does not know it any more

/** All that the card shows. */
export interface ICardWords {
  /** The facts that only grow: step, tokens, model. */
  readonly facts: string;
  /** What is going on; the part that a screen reader says when it changes. */
  readonly state: string;
  /** Whether something is being worked on, not waited for. */
  readonly busy: boolean;
  /** Sentences below the line, each once. */
  readonly lines: readonly string[];
  readonly canRun: boolean;
  readonly canRunRest: boolean;
  readonly canStop: boolean;
  readonly canRestart: boolean;
}

const NOTHING = { canRun: false, canRunRest: false, canStop: false, canRestart: false };

function stateOf({ state }: Card): string {
  switch (state) {
    case 'thinking':
      return trans.__('thinking');
    case 'writing':
      return trans.__('writing');
    case 'waiting':
      return trans.__('waiting for you');
    case 'running':
      return trans.__('running');
    case 'ended':
      return '';
  }
}

/** What is said of a card that goes on, as far as the file knows. */
function unconfirmed(standing: Standing): string {
  switch (standing) {
    case 'confirmed':
      return '';
    case 'expected':
      return trans.__('connecting');
    case 'asked':
      return trans.__('waiting for the kernel; to stop what it runs, interrupt it');
    case 'over':
      return trans.__('ended with the kernel');
  }
}

/** What to show for this card; `turn` is the running turn where the kernel confirmed it. */
export function wordsOf(saved: Card, turns: INotebookTurns | null, standing: Standing): ICardWords {
  const turn = turnOf(saved, turns);
  const card = turn === null || turn.elsewhere ? saved : turn.card;
  if (turn !== null && card.state !== 'ended') {
    return running(card, turn, turns?.saveFaultOf(card.turn) ?? '');
  }
  if (card.state === 'ended') {
    return ended(card, turns?.saveFaultOf(card.turn) ?? '');
  }
  if (turns === null) {
    // outside of its notebook nobody can say; also before it is on the page
    return { facts: going(card), state: '', busy: false, lines: [], ...NOTHING };
  }
  const state = unconfirmed(standing);
  const lines = standing === 'over' ? [] : sentences(card.notice);
  return { facts: going(card), state, busy: standing !== 'over', lines, ...NOTHING };
}

/** The running turn that this card belongs to, or null. */
export function turnOf(card: Card, turns: INotebookTurns | null): ITurn | null {
  const turn = turns?.ofPrompt(card.prompt_id) ?? null;
  return turn?.id === card.turn ? turn : null;
}

function running(card: Card, turn: ITurn, saveFault: string): ICardWords {
  const waiting = card.state === 'waiting' && !turn.stopping;
  const trouble = turn.unstoppable ? trans.__('The action does not stop.') : '';
  return {
    facts: going(card),
    state: turn.stopping ? trans.__('stopping') : stateOf(card),
    busy: !waiting,
    lines: sentences(card.notice, trouble, saveFault),
    canRun: waiting,
    canRunRest: card.policy === 'ask' && !turn.stopping,
    canStop: !turn.stopping,
    canRestart: turn.unstoppable
  };
}

function ended(card: Card, saveFault: string): ICardWords {
  const steps = trans._n('%1 step', '%1 steps', card.step);
  const facts = joined(steps, duration(card.seconds), tokens(card), card.model);
  return { facts, state: '', busy: false, lines: sentences(card.sentence, saveFault), ...NOTHING };
}

function going(card: Card): string {
  return joined(card.step > 0 ? trans.__('step %1', card.step) : '', tokens(card), card.model);
}

function joined(...parts: string[]): string {
  return ['CodeAct', ...parts].filter(part => part !== '').join(' · ');
}

function sentences(...found: string[]): string[] {
  return [...new Set(found)].filter(line => line !== '');
}

function tokens(card: Card): string {
  if (card.tokens <= 0) {
    return '';
  }
  const shown = card.tokens.toLocaleString('en');
  const count = trans._n('%2 token', '%2 tokens', card.tokens, shown);
  return card.estimated ? trans.__('about %1', count) : count;
}

/** Seconds as a person says them. */
export function duration(seconds: number): string {
  if (seconds < 9.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
