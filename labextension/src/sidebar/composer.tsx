/** Where the user writes to the model. What stands here is what the prompt's cell will hold. */
import React, { useState } from 'react';

import { Button } from './button';
import { Field } from './field';
import type { IConversation } from './model';
import { Preview } from './preview';
import { useServices } from './services';

export interface IComposer {
  readonly conversation: IConversation;
}

export function Composer({ conversation }: IComposer): React.JSX.Element {
  const { deeds, draft } = useServices();
  const [, redraw] = useState(0);
  const [previews, setPreviews] = useState(false);
  const words = draft.words.trim();
  const ready = words !== '' && conversation.turns.running === null;
  const change = (changes: Partial<IDraft>): void => {
    Object.assign(draft, changes);
    redraw(count => count + 1);
  };
  const send = (): void => {
    if (ready) {
      void deeds.send({ ...draft, words });
      change({ words: '', fresh: false });
      setPreviews(false);
    }
  };
  return (
    <form
      className="codeact-Sidebar-composer"
      data-lm-suppress-shortcuts="true"
      onSubmit={event => event.preventDefault()}
    >
      <Field words={draft.words} onChange={typed => change({ words: typed })} onSend={send} />
      {previews && words !== '' && <Preview draft={draft} conversation={conversation} />}
      <Attach draft={draft} onChange={change} />
      <Options draft={draft} onChange={change} />
      <Buttons
        conversation={conversation}
        ready={ready}
        previews={previews}
        onPreview={() => setPreviews(!previews)}
        onSend={send}
      />
    </form>
  );
}

interface IButtons extends IComposer {
  readonly ready: boolean;
  readonly previews: boolean;
  readonly onPreview: () => void;
  readonly onSend: () => void;
}

function Buttons(buttons: IButtons): React.JSX.Element {
  const { trans } = useServices();
  const { conversation, ready, previews, onPreview, onSend } = buttons;
  const { turns } = conversation;
  return (
    <span className="codeact-Buttons">
      <Button label={trans.__('Send')} kind="primary" disabled={!ready} onPress={onSend} />
      {turns.running !== null && <Button label={trans.__('Stop')} onPress={() => turns.stop()} />}
      <Button
        label={trans.__('Preview')}
        title={trans.__('All that this message will send')}
        expanded={previews}
        onPress={onPreview}
      />
    </span>
  );
}

/** What the user is about to send. */
export interface IDraft {
  words: string;
  auto: boolean;
  fresh: boolean;
}

/** Puts parts of the notebook into the message, by one click. */
function Attach({ draft, onChange }: IOptions): React.JSX.Element {
  const { deeds, trans } = useServices();
  const [none, setNone] = useState(false);
  const add = (text: string): void => {
    setNone(text === '');
    if (text !== '') {
      onChange({ words: `${draft.words.trimEnd()}\n\n${text}\n` });
    }
  };
  return (
    <span className="codeact-Buttons">
      <Button
        kind="link"
        label={trans.__('Add the selection')}
        title={trans.__('What is selected in the active cell, or the whole cell')}
        onPress={() => add(deeds.selection())}
      />
      <Button
        kind="link"
        label={trans.__('Add the last error')}
        title={trans.__('The last cell that failed, with its error')}
        onPress={() => add(deeds.lastError())}
      />
      {none && <span role="status">{trans.__('There is none.')}</span>}
    </span>
  );
}

interface IOptions {
  readonly draft: IDraft;
  readonly onChange: (change: Partial<IDraft>) => void;
}

function Options({ draft, onChange }: IOptions): React.JSX.Element {
  const { trans } = useServices();
  return (
    <div className="codeact-Sidebar-options">
      <Option
        label={trans.__('Run actions without asking')}
        title={trans.__('As --auto in the cell does; nothing checks what an action does')}
        chosen={draft.auto}
        onChange={auto => onChange({ auto })}
      />
      <Option
        label={trans.__('New conversation')}
        title={trans.__(
          'The model is told nothing of the turns before, but what the notebook above shows'
        )}
        chosen={draft.fresh}
        onChange={fresh => onChange({ fresh })}
      />
    </div>
  );
}

interface IOption {
  readonly label: string;
  readonly title: string;
  readonly chosen: boolean;
  readonly onChange: (chosen: boolean) => void;
}

function Option({ label, title, chosen, onChange }: IOption): React.JSX.Element {
  return (
    <label title={title}>
      <input type="checkbox" checked={chosen} onChange={event => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
