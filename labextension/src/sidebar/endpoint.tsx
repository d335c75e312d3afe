/** Which model a message goes to and within which limits, and what is wrong with that. */
import React, { useEffect, useId, useState } from 'react';

import type { About, Models } from '../protocol/messages';
import { Button } from './button';
import type { IConversation } from './model';
import { useServices } from './services';

export interface IEndpoint {
  readonly conversation: IConversation;
  /** Whether the kernel has our package loaded. */
  readonly connected: boolean;
}

export function Endpoint({ conversation, connected }: IEndpoint): React.ReactNode {
  const { questions, trans } = useServices();
  const [about, setAbout] = useState<About | null>(null);
  const [open, setOpen] = useState(false);
  const [looks, setLooks] = useState(0);
  const kernel = conversation.panel.sessionContext.session?.kernel ?? null;
  const running = conversation.turns.running?.id;
  useEffect(() => {
    let wanted = true;
    void (connected && kernel ? questions(kernel).about() : Promise.resolve(null)).then(found => {
      if (wanted) {
        setAbout(found);
      }
    });
    return () => void (wanted = false);
  }, [kernel, connected, running, looks, questions]);
  if (about === null) {
    return null;
  }
  const lookAgain = (): void => setLooks(count => count + 1);
  return (
    <>
      <Button
        kind="link"
        label={about.model === '' ? trans.__('no model') : about.model}
        title={trans.__('The model, its endpoint and the limits of a turn')}
        expanded={open}
        onPress={() => setOpen(!open)}
      />
      {open && <Details about={about} conversation={conversation} onChange={lookAgain} />}
      <Trouble about={about} conversation={conversation} onChange={lookAgain} />
    </>
  );
}

interface IDetails {
  readonly about: About;
  readonly conversation: IConversation;
  readonly onChange: () => void;
}

/** What is wrong with the endpoint, as far as it shows before it is asked. */
function Trouble({ about, conversation, onChange }: IDetails): React.ReactNode {
  const { deeds, trans } = useServices();
  const { fault, needs_key, has_key } = about;
  if (fault !== '') {
    return (
      <p className="codeact-Sidebar-trouble" role="status">
        {fault}
      </p>
    );
  }
  if (needs_key && !has_key) {
    return (
      <div className="codeact-Sidebar-trouble" role="status">
        <p>{trans.__('This endpoint needs a key, and none is there.')}</p>
        <Button
          label={trans.__('Enter the key…')}
          onPress={() => deeds.enterKey(conversation).then(onChange)}
        />
      </div>
    );
  }
  return null;
}

function Details({ about, conversation, onChange }: IDetails): React.JSX.Element {
  const { deeds, trans } = useServices();
  const { base_url, local, max_steps, max_tokens, timeout } = about;
  const [steps, tokens] = [max_steps.toLocaleString(), max_tokens.toLocaleString()];
  return (
    <div className="codeact-Sidebar-details">
      <ModelPicker about={about} conversation={conversation} onChange={onChange} />
      <p>{local ? trans.__('It runs on this machine.') : trans.__('Endpoint: %1', base_url)}</p>
      <p>{trans.__('A turn stops after %1 steps, %2 tokens or %3 s.', steps, tokens, timeout)}</p>
      <Button
        kind="link"
        label={trans.__('Change the limits…')}
        onPress={() => deeds.openSettings()}
      />
    </div>
  );
}

/** The models that the endpoint lists; one that it does not may be named too. */
function ModelPicker({ about, conversation, onChange }: IDetails): React.JSX.Element {
  const { settings, trans } = useServices();
  const models = useModels(about, conversation);
  const [name, setName] = useState(about.model);
  const id = useId();
  const choose = (): void => {
    const chosen = name.trim();
    if (chosen !== about.model) {
      void settings.choose('model', chosen === '' ? null : chosen).then(onChange);
    }
  };
  return (
    <>
      <label className="codeact-Sidebar-picker">
        {trans.__('Model')}
        <input
          className="codeact-Bar-reason"
          list={id}
          value={name}
          onChange={event => setName(event.target.value)}
          onBlur={choose}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              choose();
            }
          }}
        />
      </label>
      <datalist id={id}>
        {models?.models.map(one => (
          <option key={one} value={one} />
        ))}
      </datalist>
      {models !== null && models.fault !== '' && <p role="status">{models.fault}</p>}
    </>
  );
}

/** What the endpoint lists, or null until that is known. */
function useModels({ base_url }: About, { panel }: IConversation): Models | null {
  const { questions } = useServices();
  const [models, setModels] = useState<Models | null>(null);
  const kernel = panel.sessionContext.session?.kernel ?? null;
  useEffect(() => {
    let wanted = true;
    void (kernel ? questions(kernel).models() : Promise.resolve(null)).then(found => {
      if (wanted) {
        setModels(found);
      }
    });
    return () => void (wanted = false);
  }, [kernel, base_url, questions]);
  return models;
}
