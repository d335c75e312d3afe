/** The cells of a turn in the transcript: what the model said, and what it did. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { INotebookTurns } from '../tokens';
import { duration } from '../turncard/words';
import { Body } from './body';
import { Button } from './button';
import type { IStepEntry } from './entries';
import { ProposalQuestion } from './proposal';
import { Sentence } from './sentence';
import { useServices } from './services';

export interface IStep {
  readonly entry: IStepEntry;
  readonly turns: INotebookTurns;
  /** Whether its turn runs. */
  readonly live: boolean;
  /** Whether it was rejected or stopped, and the kernel has yet to hear of it. */
  readonly withdrawn: boolean;
  /** Whether the turn can go on from here. */
  readonly canContinue: boolean;
  /** Whether the user asked to be shown this one. */
  readonly pointed: boolean;
}

export const Step = React.memo(function Step(props: IStep): React.JSX.Element {
  const { entry, pointed } = props;
  const marked = pointed ? ' codeact-mod-pointed' : '';
  return (
    <div
      className={`codeact-Sidebar-step codeact-mod-${entry.role}${marked}`}
      data-cell={entry.cellId}
    >
      {entry.role === 'action' ? <Action {...props} /> : <Prose entry={entry} />}
    </div>
  );
});

function Prose({ entry }: { readonly entry: IStepEntry }): React.JSX.Element {
  const { deeds, trans } = useServices();
  const answer = entry.role === 'answer';
  return (
    <>
      <Body text={entry.text} />
      <Button
        kind="link"
        label={answer ? trans.__('Answer') : trans.__('Step %1', entry.step)}
        title={trans.__('Go to the cell')}
        onPress={() => deeds.goTo(entry.cellId)}
      />
    </>
  );
}

function Action({ entry, turns, live, withdrawn, canContinue }: IStep): React.JSX.Element {
  const { trans } = useServices();
  const { status, note, output, proposed } = entry;
  return (
    <>
      <Code entry={entry} />
      {output !== '' && <pre className="codeact-Sidebar-output">{output}</pre>}
      {proposed && withdrawn && (
        <p>{trans.__('This will not run; it goes when the kernel is free to hear of it.')}</p>
      )}
      {proposed && !withdrawn && <ProposalQuestion entry={entry} turns={turns} live={live} />}
      {note !== '' && status !== 'writing' && <p className="codeact-Sidebar-note">{note}</p>}
      <Links entry={entry} canContinue={canContinue} />
    </>
  );
}

/** One line; the whole text where the user has to read it, or wants to. */
function Code({ entry }: { readonly entry: IStepEntry }): React.JSX.Element {
  const { trans } = useServices();
  const { status, proposed, text } = entry;
  return (
    <details open={proposed || status === 'writing'}>
      <summary>
        <span className={`codeact-Sidebar-status codeact-mod-${status}`}>
          {statusWords(entry, trans)}
        </span>
        <code>{firstLine(text)}</code>
        <span className="codeact-Sidebar-facts">
          <Sentence text={facts(entry, trans)} />
        </span>
      </summary>
      <pre className="codeact-Sidebar-code" tabIndex={0}>
        {text}
      </pre>
    </details>
  );
}

function Links({ entry, canContinue }: Pick<IStep, 'entry' | 'canContinue'>): React.JSX.Element {
  const { deeds, trans } = useServices();
  return (
    <span className="codeact-Buttons">
      <Button
        kind="link"
        label={trans.__('Step %1', entry.step)}
        title={trans.__('Go to the cell')}
        onPress={() => deeds.goTo(entry.cellId)}
      />
      {canContinue && (
        <Button
          kind="link"
          label={trans.__('Continue from here')}
          onPress={() => deeds.continueFrom(entry.cellId)}
        />
      )}
    </span>
  );
}

function statusWords({ status }: IStepEntry, trans: TranslationBundle): string {
  const words: Readonly<Record<string, string>> = {
    writing: trans.__('✎ writing'),
    proposed: trans.__('▸ waits for you'),
    running: trans.__('● running'),
    ok: trans.__('✓ ran'),
    error: trans.__('✗ error'),
    interrupted: trans.__('■ interrupted'),
    timed_out: trans.__('■ took too long'),
    rejected: trans.__('– rejected'),
    refused: trans.__('– refused'),
    stopped: trans.__('– not run')
  };
  return Object.hasOwn(words, status) ? (words[status] ?? '') : status;
}

function firstLine(code: string): string {
  return code.split('\n').find(line => line.trim() !== '') ?? '';
}

function facts(
  { number, seconds, tokens, grade, proposed }: IStepEntry,
  trans: TranslationBundle
): string {
  const parts = [
    number,
    proposed ? '' : grade.words, // the question says it
    seconds > 0 ? duration(seconds) : '',
    tokens > 0 ? trans.__('%1 tokens', tokens.toLocaleString()) : ''
  ];
  return parts.filter(part => part !== '').join(' · ');
}
