/** The field of the composer, with the list of what `@` can point at. */
import React, { useId, useRef, useState } from 'react';

import { type IMention, type ITarget, matching, mentionAt, pointed } from './pointing';
import { useServices } from './services';

export interface IField {
  readonly words: string;
  readonly onChange: (words: string) => void;
  readonly onSend: () => void;
}

/** The list that is open, if one is. */
interface IOpenList {
  readonly mention: IMention;
  readonly found: readonly ITarget[];
  readonly at: number;
}

export function Field({ words, onChange, onSend }: IField): React.JSX.Element {
  const { trans } = useServices();
  const [field, id] = [useRef<HTMLTextAreaElement>(null), useId()];
  const list = useTargets(field, onChange);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const sends = event.key === 'Enter' && !event.shiftKey;
    if (!event.nativeEvent.isComposing && (list.takes(event.key) || sends)) {
      event.preventDefault();
      if (sends && list.open === null) {
        list.close(); // what is still looked for comes too late
        onSend();
      }
    }
  };
  return (
    <div className="codeact-Sidebar-where">
      <textarea
        ref={field}
        className="codeact-Sidebar-field"
        aria-label={trans.__('Message to the model')}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={id}
        aria-activedescendant={list.open === null ? undefined : `${id}-${list.open.at}`}
        placeholder={trans.__('Ask about your data; @ points at variables, cells and files')}
        dir="auto"
        rows={Math.min(10, Math.max(2, words.split('\n').length))}
        value={words}
        onChange={event => {
          onChange(event.target.value);
          list.look(event.target.value, event.target.selectionStart);
        }}
        onBlur={list.close}
        onKeyDown={onKeyDown}
      />
      <Targets id={id} open={list.open} onChoose={list.choose} />
    </div>
  );
}

interface ITargetList {
  readonly open: IOpenList | null;
  readonly look: (text: string, caret: number) => void;
  /** Whether this key means the list; it does what it means then. */
  readonly takes: (key: string) => boolean;
  readonly choose: (target: ITarget) => void;
  readonly close: () => void;
}

function useTargets(
  field: React.RefObject<HTMLTextAreaElement>,
  onChange: (words: string) => void
): ITargetList {
  const { targets } = useServices();
  const [open, setOpen] = useState<IOpenList | null>(null);
  const wanted = useRef(0);
  const close = (): void => {
    wanted.current += 1;
    setOpen(null);
  };
  const look = (text: string, caret: number): void => {
    const mention = mentionAt(text, caret);
    close();
    if (mention !== null) {
      const turn = wanted.current;
      void targets.all().then(all => {
        const found = matching(all, mention.name);
        if (turn === wanted.current && found.length > 0) {
          setOpen({ mention, found, at: 0 });
        }
      });
    }
  };
  const choose = (target: ITarget): void => {
    if (open !== null && field.current !== null) {
      const { text, caret } = pointed(field.current.value, open.mention, target);
      onChange(text);
      close();
      requestAnimationFrame(() => field.current?.setSelectionRange(caret, caret));
    }
  };
  return { open, look, choose, close, takes: key => takes(key, open, setOpen, choose, close) };
}

function takes(
  key: string,
  open: IOpenList | null,
  setOpen: (open: IOpenList) => void,
  choose: (target: ITarget) => void,
  close: () => void
): boolean {
  if (open === null) {
    return false;
  }
  const { found, at } = open;
  const chosen = found[at];
  switch (key) {
    case 'ArrowDown':
      setOpen({ ...open, at: (at + 1) % found.length });
      return true;
    case 'ArrowUp':
      setOpen({ ...open, at: (at + found.length - 1) % found.length });
      return true;
    case 'Enter':
    case 'Tab':
      if (chosen !== undefined) {
        choose(chosen);
      }
      return true;
    case 'Escape':
      close();
      return true;
    default:
      return false;
  }
}

interface ITargets {
  readonly id: string;
  readonly open: IOpenList | null;
  readonly onChoose: (target: ITarget) => void;
}

function Targets({ id, open, onChoose }: ITargets): React.JSX.Element {
  const { trans } = useServices();
  return (
    <ul
      id={id}
      className="codeact-Sidebar-targets"
      role="listbox"
      aria-label={trans.__('What can be pointed at')}
      hidden={open === null}
    >
      {open?.found.map((target, at) => (
        <li
          key={`${target.name} ${target.detail}`}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === open.at}
          onMouseDown={event => {
            event.preventDefault(); // the focus stays in the field
            onChoose(target);
          }}
        >
          <strong>{target.name}</strong> {target.detail}
        </li>
      ))}
    </ul>
  );
}
