/** The question whether a proposed action may run, where its text stands above it. */
import React, { useEffect, useState } from 'react';

import { MOMENT } from '../moment';
import { spoken } from '../sentences';
import type { INotebookTurns } from '../tokens';
import { Button } from './button';
import type { IStepEntry } from './entries';
import { Sentence } from './sentence';
import { useServices } from './services';

export interface IProposalQuestion {
  readonly entry: IStepEntry;
  readonly turns: INotebookTurns;
  /** Whether its turn waits for it; nobody does in a notebook that was opened again. */
  readonly live: boolean;
}

export function ProposalQuestion(question: IProposalQuestion): React.JSX.Element {
  const { trans } = useServices();
  const [asksReason, askReason] = useState<boolean | null>(null); // null: not yet
  const { entry, turns, live } = question;
  const { grade } = entry;
  const lead = live ? trans.__('Run to approve') : trans.__('Never approved; no turn waits for it');
  // of a turn that is not running the grade is the file's word: that may warn, and not reassure
  const words = live || grade.grave ? grade.words : '';
  if (asksReason === true) {
    const onDone = (): void => askReason(false);
    return <Reason entry={entry} turns={turns} onDone={onDone} />;
  }
  return (
    <div
      className={`codeact-Sidebar-question${grade.grave ? ' codeact-mod-grave' : ''}`}
      role="group"
      aria-label={words === '' ? lead : spoken(`${lead}: ${words}`)}
    >
      <strong>{lead}</strong>
      {words !== '' && (
        <span className="codeact-Bar-grade">
          <Sentence text={grade.grave ? `⚠ ${words}` : words} />
        </span>
      )}
      <Decision {...question} isBack={asksReason === false} onReject={() => askReason(true)} />
    </div>
  );
}

interface IDecision extends IProposalQuestion {
  /** Whether the user was asked for a reason, and went back. */
  readonly isBack: boolean;
  readonly onReject: () => void;
}

function Decision({ entry, turns, live, isBack, onReject }: IDecision): React.JSX.Element {
  const { deeds, trans } = useServices();
  const { cellId, text } = entry;
  const fresh = useMoment(text);
  const [late, setLate] = useState(false);
  const run = async (): Promise<void> => setLate(!(await deeds.approve(cellId, text)));
  const remove = (): void => turns.reject(cellId, ''); // nobody would read a reason
  return (
    <span className="codeact-Buttons">
      <Button label={trans.__('Run')} kind="primary" disabled={fresh} onPress={run} />
      <Button
        label={trans.__('Edit')}
        title={trans.__('Go to the cell to change it')}
        onPress={() => deeds.goTo(cellId, true)}
      />
      <Button
        label={live ? trans.__('Reject…') : trans.__('Remove')}
        autoFocus={isBack}
        onPress={live ? onReject : remove}
      />
      {late && (
        <span role="status">{trans.__('Not run: its text changed just then. Read it again.')}</span>
      )}
    </span>
  );
}

interface IReason {
  readonly entry: IStepEntry;
  readonly turns: INotebookTurns;
  readonly onDone: () => void;
}

function Reason({ entry, turns, onDone }: IReason): React.JSX.Element {
  const { trans } = useServices();
  const [reason, setReason] = useState('');
  const label = trans.__('Reason for the model (optional)');
  const send = (): void => {
    turns.reject(entry.cellId, reason.trim());
    onDone();
  };
  return (
    <form
      className="codeact-Sidebar-question"
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          onDone();
        }
      }}
    >
      <input
        className="codeact-Bar-reason"
        autoFocus // the user asked for it
        placeholder={label}
        aria-label={label}
        value={reason}
        onChange={event => setReason(event.target.value)}
      />
      <span className="codeact-Buttons">
        <Button label={trans.__('Reject')} kind="primary" onPress={send} />
        <Button label={trans.__('Back')} onPress={onDone} />
      </span>
    </form>
  );
}

/** Whether this text came into sight only now: nobody has read it yet. */
function useMoment(text: string): boolean {
  const [read, setRead] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => {
      setRead(text);
    }, MOMENT);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return read !== text;
}
