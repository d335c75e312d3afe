/** A field for a setting of JupyterLab's, which reaches the kernel with every prompt. */
import type { JSONValue } from '@lumino/coreutils';
import React, { useEffect, useState } from 'react';

import type { About } from '../protocol/messages';
import { useServices } from './services';

export interface ISettingField {
  readonly label: string;
  /** Its name in our schema. */
  readonly name: string;
  /** The kernel's last word, and what this setting is there, as a user writes it. */
  readonly about: About;
  readonly current: string;
  /** What these words stand for; null where the setting takes no such value. */
  readonly read: (words: string) => Exclude<JSONValue, null> | null;
  /** What it takes, in words. */
  readonly takes: string;
  /** The id of a list of values to choose from. */
  readonly list?: string;
  /** Ask the kernel for its word anew. */
  readonly onChange: () => void;
}

export function SettingField(props: ISettingField): React.JSX.Element {
  const { label, current, list } = props;
  const { typed, trouble, type, choose, goBack } = useSetting(props);
  return (
    <>
      <label className="codeact-Sidebar-setting">
        {label}
        <input
          className="codeact-Bar-reason"
          list={list}
          aria-invalid={trouble !== ''}
          value={typed ?? current}
          onChange={event => type(event.target.value)}
          onBlur={choose}
          onKeyDown={({ key, nativeEvent }) => {
            if (key === 'Enter' && !nativeEvent.isComposing) {
              choose();
            } else if (key === 'Escape') {
              goBack();
            }
          }}
        />
      </label>
      {trouble !== '' && (
        <p className="codeact-Sidebar-trouble" role="status">
          {trouble}
        </p>
      )}
    </>
  );
}

interface ISetting {
  /** What the user has typed and the kernel does not have, or null. */
  readonly typed: string | null;
  /** Why the kernel does not have it, or ''. */
  readonly trouble: string;
  readonly type: (words: string) => void;
  /** Set it to what was typed; nothing is the kernel's own. */
  readonly choose: () => void;
  readonly goBack: () => void;
}

function useSetting({ name, about, current, read, takes, onChange }: ISettingField): ISetting {
  const { settings, trans } = useServices();
  const [typed, setTyped] = useState<string | null>(null);
  const [trouble, setTrouble] = useState('');
  const [sent, setSent] = useState<string | null>(null);
  const goBack = (): void => {
    setTyped(null);
    setTrouble('');
  };
  useEffect(() => {
    if (sent === null) {
      return;
    }
    setSent(null);
    if (sent === '' || read(sent) === read(current)) {
      goBack();
    } else {
      setTrouble(trans.__('%config in this kernel says %1, and counts first.', current));
    }
  }, [about]); // the kernel's word on what was sent
  const choose = (): void => {
    const words = (typed ?? current).trim();
    const value = words === '' ? null : read(words);
    if (words === current) {
      goBack();
    } else if (words !== '' && value === null) {
      setTrouble(trans.__('“%1” cannot be used: it takes %2. It stays %3.', words, takes, current));
    } else if (words !== sent) {
      settings.choose(name, value).then(
        () => {
          setSent(words);
          onChange();
        },
        (fault: unknown) => setTrouble(trans.__('It could not be saved: %1', String(fault)))
      );
    }
  };
  return { typed, trouble, type: setTyped, choose, goBack };
}
