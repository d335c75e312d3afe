/** Which model a message goes to and within which limits, and what is wrong with that. */
import React, { useEffect, useId, useState } from 'react';

import type { About, Models } from '../protocol/messages';
import { Button } from './button';
import { Limits } from './limits';
import type { IConversation } from './model';
import { Sentence } from './sentence';
import { useServices } from './services';
import { SettingField } from './setting';

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
  const onChange = (): void => setLooks(count => count + 1);
  const details = { about, conversation, onChange };
  return (
    <>
      <Button
        kind="link"
        label={about.model === '' ? trans.__('no model') : about.model}
        title={trans.__('The model, its endpoint and the limits of a turn')}
        expanded={open}
        onPress={() => setOpen(!open)}
      />
      {open && <Details {...details} looks={looks} />}
      <Trouble {...details} />
    </>
  );
}

interface ITrouble {
  readonly about: About;
  readonly conversation: IConversation;
  /** The endpoint may be another one now, or say something else. */
  readonly onChange: () => void;
}

/** What is wrong with the endpoint, as far as it shows before it is asked. */
function Trouble(props: ITrouble): React.ReactNode {
  const { trans } = useServices();
  const { fault } = props.about;
  if (fault === '' && !lacksKey(props.about)) {
    return null;
  }
  return (
    <div className="codeact-Sidebar-trouble" role="status">
      <p>
        {fault === '' ? (
          trans.__('This endpoint needs a key, and none is there.')
        ) : (
          <Sentence text={fault} />
        )}
      </p>
      {fault === '' && <EnterKey {...props} />}
    </div>
  );
}

function EnterKey({ conversation, onChange }: ITrouble): React.JSX.Element {
  const { deeds, trans } = useServices();
  return (
    <Button
      label={trans.__('Enter the key…')}
      onPress={() => deeds.enterKey(conversation).then(onChange)}
    />
  );
}

function lacksKey({ needs_key, has_key }: About): boolean {
  return needs_key && !has_key;
}

interface IDetails extends ITrouble {
  /** How often that was looked for. */
  readonly looks: number;
}

function Details(props: IDetails): React.JSX.Element {
  const { deeds, trans } = useServices();
  const { about, onChange } = props;
  const { base_url, local } = about;
  return (
    <div className="codeact-Sidebar-details">
      <ModelPicker {...props} />
      <p>{local ? trans.__('It runs on this machine.') : trans.__('Endpoint: %1', base_url)}</p>
      <Limits about={about} onChange={onChange} />
      <Button kind="link" label={trans.__('All settings…')} onPress={() => deeds.openSettings()} />
    </div>
  );
}

/** The models that the endpoint lists; one that it does not may be named too. */
function ModelPicker(props: IDetails): React.JSX.Element {
  const { trans } = useServices();
  const { about, onChange } = props;
  const models = useModels(props);
  const id = useId();
  return (
    <>
      <SettingField
        label={trans.__('Model')}
        name="model"
        about={about}
        current={about.model}
        read={name => name}
        takes={trans.__('a name as the endpoint lists it')}
        list={id}
        onChange={onChange}
      />
      <datalist id={id}>
        {models?.models.map(one => (
          <option key={one} value={one} />
        ))}
      </datalist>
      {models !== null && models.fault !== '' && <NoModels {...props} fault={models.fault} />}
    </>
  );
}

/** Why the endpoint lists nothing: it may be off, or refuse the key. */
function NoModels({ fault, ...props }: ITrouble & { readonly fault: string }): React.JSX.Element {
  const { trans } = useServices();
  return (
    <div className="codeact-Sidebar-trouble" role="status">
      <p>
        <Sentence text={fault} />
      </p>
      <span className="codeact-Buttons">
        <Button label={trans.__('Try again')} onPress={props.onChange} />
        {!lacksKey(props.about) && <EnterKey {...props} />}
      </span>
    </div>
  );
}

/** What the endpoint lists, or null until that is known. */
function useModels({ about, conversation, looks }: IDetails): Models | null {
  const { questions } = useServices();
  const [models, setModels] = useState<Models | null>(null);
  const { base_url } = about;
  const kernel = conversation.panel.sessionContext.session?.kernel ?? null;
  useEffect(() => {
    let wanted = true;
    void (kernel ? questions(kernel).models() : Promise.resolve(null)).then(found => {
      if (wanted) {
        setModels(found);
      }
    });
    return () => void (wanted = false);
  }, [kernel, base_url, looks, questions]);
  return models;
}
