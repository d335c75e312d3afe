/** One turn in the transcript: the prompt, its steps, and how it stands. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { FAILED } from '../cells/tidy';
import type { Card } from '../protocol/messages';
import type { ITurn } from '../tokens';
import { type ICardWords, wordsOf } from '../turncard/words';
import { Button } from './button';
import type { IPromptEntry, IStepEntry } from './entries';
import type { IConversation } from './model';
import { Sentence } from './sentence';
import { useServices } from './services';
import { Step } from './steps';
import type { ITurnView } from './transcript';

export interface ITurnProps {
  readonly view: ITurnView;
  readonly conversation: IConversation;
  /** The cell that the user asked to be shown, or ''. */
  readonly pointed: string;
}

export function Turn({ view, conversation, pointed }: ITurnProps): React.JSX.Element {
  const { trans } = useServices();
  const { prompt, steps } = view;
  const { turns } = conversation;
  const running = turns.running?.id === view.turn ? turns.running : null;
  const words = running?.card ?? prompt?.card ?? null;
  const title = prompt?.words.slice(0, 80) ?? trans.__('its prompt was deleted');
  return (
    <section
      className="codeact-Sidebar-turn"
      aria-label={trans.__('Turn: %1', title)}
      tabIndex={-1} // takes the focus of a button that goes
    >
      <Prompt prompt={prompt} pointed={prompt !== null && prompt.cellId === pointed} />
      {steps.map(entry => (
        <Step
          key={entry.cellId}
          entry={entry}
          turns={turns}
          live={running !== null}
          withdrawn={isWithdrawn(entry, conversation, running)}
          canContinue={turns.running === null && canContinue(entry, prompt)}
          pointed={entry.cellId === pointed}
        />
      ))}
      {words === null && prompt !== null && prompt.error !== '' && (
        <p className="codeact-Sidebar-note">{prompt.error}</p>
      )}
      {words !== null && (
        <Foot view={view} card={words} running={running} conversation={conversation} />
      )}
    </section>
  );
}

interface IPrompt {
  readonly prompt: IPromptEntry | null;
  readonly pointed: boolean;
}

function Prompt({ prompt, pointed }: IPrompt): React.JSX.Element {
  const { deeds, trans } = useServices();
  if (prompt === null) {
    return <p className="codeact-Sidebar-note">{trans.__('The prompt of this was deleted.')}</p>;
  }
  const { cellId, words, flags } = prompt;
  const marked = pointed ? ' codeact-mod-pointed' : '';
  return (
    <div className={`codeact-Sidebar-prompt${marked}`} data-cell={cellId}>
      <div className="codeact-Sidebar-words" dir="auto" tabIndex={0}>
        {words}
      </div>
      <Button
        kind="link"
        label={flags === '' ? trans.__('You') : trans.__('You · %1', flags)}
        title={trans.__('Go to the cell')}
        onPress={() => deeds.goTo(cellId)}
      />
    </div>
  );
}

interface IFoot {
  readonly view: ITurnView;
  readonly card: Card;
  readonly running: ITurn | null;
  readonly conversation: IConversation;
}

/** How the turn stands, in the words of its card, and what can be done about it. */
function Foot({ view, card, running, conversation }: IFoot): React.JSX.Element {
  const { trans } = useServices();
  const { turns } = conversation;
  const standing = running !== null ? 'confirmed' : turns.pending ? 'asked' : 'over';
  const words = wordsOf(card, turns, standing);
  const state = words.state === '' ? '' : ` · ${words.state}`;
  return (
    <div className={`codeact-Sidebar-foot${words.busy ? ' codeact-mod-busy' : ''}`}>
      <span className="codeact-Card-line">{`${words.facts}${state}`}</span>
      {card.tokens_in > 0 && <span className="codeact-Card-line">{meterOf(card, trans)}</span>}
      {words.lines.map(line => (
        <p key={line}>
          <Sentence text={line} />
        </p>
      ))}
      {running !== null ? (
        <RunningButtons turn={view.turn} words={words} conversation={conversation} />
      ) : (
        <EndedButtons view={view} card={card} conversation={conversation} />
      )}
    </div>
  );
}

/** What went in and came out of the model, and what that cost where its endpoint says so. */
function meterOf(card: Card, trans: TranslationBundle): string {
  const { tokens_cached: cached, cost } = card;
  const [all, kept, out] = [card.tokens_in, cached, card.tokens_out].map(n => n.toLocaleString());
  const parts = [
    cached > 0 ? trans.__('%1 in (%2 cached)', all, kept) : trans.__('%1 in', all),
    trans.__('%1 out', out),
    cost === null ? '' : `$${cost.toPrecision(2)}`
  ];
  return parts.filter(part => part !== '').join(' · ');
}

interface IRunningButtons {
  readonly turn: string;
  readonly words: ICardWords;
  readonly conversation: IConversation;
}

function RunningButtons({ turn, words, conversation }: IRunningButtons): React.JSX.Element {
  const { trans } = useServices();
  const { turns } = conversation;
  return (
    <span className="codeact-Buttons">
      {words.canRunRest && (
        <Button
          label={trans.__('Run all remaining steps')}
          title={trans.__('Run this proposal and all remaining steps of this turn without asking')}
          onPress={() => turns.approveRest(turn)}
        />
      )}
      {words.canStop && <Button label={trans.__('Stop')} onPress={() => turns.stop()} />}
      {words.canRestart && (
        <Button label={trans.__('Restart kernel')} kind="warn" onPress={() => turns.restart()} />
      )}
    </span>
  );
}

interface IEndedButtons {
  readonly view: ITurnView;
  readonly card: Card;
  readonly conversation: IConversation;
}

function EndedButtons({ view, card, conversation }: IEndedButtons): React.ReactNode {
  const { deeds, trans } = useServices();
  const { prompt, turn, steps } = view;
  if (turn === '' || conversation.turns.running?.id === turn) {
    return null;
  }
  const free = conversation.turns.running === null;
  return (
    <span className="codeact-Buttons">
      {free && LIMITS.has(card.ending) && (
        <Button label={trans.__('Go on')} onPress={() => deeds.goOn(turn, trans.__('Go on.'))} />
      )}
      {free && prompt !== null && (
        <Button
          kind="link"
          label={trans.__('Retry')}
          title={trans.__('Ask anew; the steps that are there are set aside')}
          onPress={() => deeds.retry(prompt.cellId)}
        />
      )}
      {isUntidy(steps) && (
        <Button
          kind="link"
          label={trans.__('Tidy')}
          title={trans.__('Remove its failed and superseded steps; what you edited stays')}
          onPress={() => deeds.tidyTurn(turn)}
        />
      )}
      {steps.length > 0 && (
        <Button
          kind="link"
          label={trans.__('Remove cells')}
          title={trans.__('Remove all cells that this turn brought into the notebook')}
          onPress={() => deeds.removeTurn(turn)}
        />
      )}
    </span>
  );
}

/** The ends of a turn after which it may go on as it was. */
const LIMITS: ReadonlySet<string> = new Set(['steps', 'tokens', 'seconds']);

function isWithdrawn(entry: IStepEntry, { turns }: IConversation, running: ITurn | null): boolean {
  return running !== null && (turns.decisions.isRejected(entry.cellId) || running.stopping);
}

function canContinue(entry: IStepEntry, prompt: IPromptEntry | null): boolean {
  return prompt !== null && entry.role === 'action' && entry.hasRun;
}

/** Whether tidying the turn may remove something; which cells those are is looked at then. */
function isUntidy(steps: readonly IStepEntry[]): boolean {
  const actions = steps.filter(({ role }) => role === 'action');
  return actions.some(
    ({ status, text }, at) =>
      FAILED.has(status) || actions.slice(at + 1).some(later => later.text.trim() === text.trim())
  );
}
