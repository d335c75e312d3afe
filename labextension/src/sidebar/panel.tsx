/**
 * The chat sidebar: the session of a notebook, seen as a conversation.
 *
 * It shows what the notebook holds and does what the user could do there; it holds nothing that
 * the notebook does not, but what he has typed and not sent. It never takes the focus.
 */
import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import React, { useEffect, useLayoutEffect, useRef, useState } from 'react';

import { Button } from './button';
import { Composer } from './composer';
import { Endpoint } from './endpoint';
import { focusWhenThere, keepFocus } from './focus';
import type { IConversation } from './model';
import { Sessions } from './sessions';
import { type ISidebarServices, Services, useServices } from './services';
import type { ITurnView } from './transcript';
import { Turn } from './turn';
import { Obstacle, Welcome } from './welcome';

/** How far from its end somebody still is at the end of the list, in pixels. */
const NEAR = 40;

/** How many turns are shown at first, and with each press on the button for earlier ones. */
const SHOWN = 30;

/** The cell that the user wants to be shown; each time he does it is another object. */
interface IPointed {
  readonly cellId: string;
  /** Whether it was: another notebook's conversation, or this one later, is left where it is. */
  shown: boolean;
}

export class ChatView extends ReactWidget {
  constructor(private readonly services: ISidebarServices) {
    super();
    this.addClass('codeact-Sidebar-view');
    keepFocus(this.node);
  }

  /** Show the entry of this cell. */
  pointAt(cellId: string): void {
    this.pointed = { cellId, shown: false };
    this.pointedAt.emit();
  }

  /** The user wants to write, perhaps about these words, as soon as the kernel is known. */
  focusField(words: string | null = null): void {
    if (words !== null) {
      const { draft } = this.services;
      draft.words = `${draft.words.trimEnd()}${words}`; // what he has typed stays
      this.pointedAt.emit();
    }
    focusWhenThere(this.node, '.codeact-Sidebar-field');
  }

  protected override render(): React.JSX.Element {
    return (
      <Services.Provider value={this.services}>
        <UseSignal signal={this.services.model.changed}>
          {() => (
            <UseSignal signal={this.pointedAt}>{() => <Whole pointed={this.pointed} />}</UseSignal>
          )}
        </UseSignal>
      </Services.Provider>
    );
  }

  private pointed: IPointed = { cellId: '', shown: true };
  private readonly pointedAt = new Signal<this, void>(this);
}

function Whole({ pointed }: { readonly pointed: IPointed }): React.JSX.Element {
  const { model, trans } = useServices();
  const { conversation, connection } = model;
  return (
    <>
      <div className="codeact-Sidebar-head">
        <h2 title={conversation?.panel.context.path}>
          {conversation?.panel.title.label ?? trans.__('CodeAct')}
        </h2>
        {conversation !== null && (
          <Endpoint
            key={conversation.panel.id}
            conversation={conversation}
            connected={connection === 'connected'}
          />
        )}
      </div>
      {conversation?.transcript && (
        <Conversation
          key={conversation.panel.id}
          conversation={conversation}
          turns={conversation.transcript.turns}
          pointed={pointed}
        />
      )}
      <Obstacle connection={connection} />
      {conversation !== null && connection === 'connected' && (
        <Composer conversation={conversation} />
      )}
    </>
  );
}

interface IConversationProps {
  readonly conversation: IConversation;
  readonly turns: readonly ITurnView[];
  readonly pointed: IPointed;
}

function Conversation({
  conversation,
  turns: all,
  pointed
}: IConversationProps): React.JSX.Element {
  const { trans } = useServices();
  const [most, setMost] = useState(SHOWN);
  const [session, setSession] = useSession(conversation, pointed);
  const list = useEndInSight(pointed, all.length, session);
  const turns = session === '' ? all : all.filter(({ prompt }) => prompt?.session === session);
  const at = turns.findIndex(({ key, steps }) => {
    return key === pointed.cellId || steps.some(({ cellId }) => cellId === pointed.cellId);
  });
  const first = Math.max(0, Math.min(turns.length - most, at < 0 ? turns.length : at));
  return (
    <div
      ref={list}
      className="codeact-Sidebar-transcript"
      role="log"
      aria-live="off" // what is new the notebook says
      aria-label={trans.__('Conversation')}
      tabIndex={0}
    >
      <div>
        <Sessions turns={all} chosen={session} onChoose={setSession} />
        {all.length === 0 && <Welcome />}
        {first > 0 && (
          <Button
            label={trans.__('Show earlier turns (%1)', first)}
            onPress={() => setMost(turns.length - first + SHOWN)}
          />
        )}
        {turns.slice(first).map(view => (
          <Turn key={view.key} view={view} conversation={conversation} pointed={pointed.cellId} />
        ))}
      </div>
    </div>
  );
}

/** The one that the user chose to see, or '' for all. */
function useSession(
  { turns }: IConversation,
  pointed: IPointed
): [string, (session: string) => void] {
  const [session, setSession] = useState('');
  const running = turns.running?.id;
  useEffect(() => {
    if (running !== undefined) {
      setSession(''); // it may be of another one, and wait for the user
    }
  }, [running]);
  useEffect(() => {
    if (!pointed.shown) {
      setSession(''); // it is in another one
    }
  }, [pointed]);
  return [session, setSession];
}

/**
 * Keep the end of the list in sight for whoever was there, and show the cell he points at; a new
 * turn is shown, wherever he was.
 * Markdown is drawn a moment after it is there, so the list grows by itself.
 */
function useEndInSight(
  pointed: IPointed,
  turns: number,
  session: string
): React.RefObject<HTMLDivElement> {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => (list.current ? followEnd(list.current, atEnd) : undefined), []);
  useLayoutEffect(() => {
    atEnd.current = true; // a new turn, which the user has asked for
  }, [turns]);
  useLayoutEffect(() => {
    const entry = `[data-cell="${CSS.escape(pointed.cellId)}"]`;
    const found = pointed.shown ? null : list.current?.querySelector(entry);
    if (found) {
      pointed.shown = true;
      atEnd.current = false;
      found.scrollIntoView();
    }
  }, [pointed, session]);
  return list;
}

/**
 * Scroll to the end whenever the list or its room changes, unless who reads it went up.
 *
 * We are told of our own scrolling a moment late, when the list may have grown again: that it is
 * not at its end then does not say that anybody left it.
 */
function followEnd(node: HTMLElement, atEnd: React.MutableRefObject<boolean>): () => void {
  let before = node.scrollTop;
  const look = (): void => {
    if (node.scrollHeight - node.scrollTop - node.clientHeight < NEAR) {
      atEnd.current = true;
    } else if (node.scrollTop < before) {
      atEnd.current = false;
    }
    before = node.scrollTop;
  };
  const growth = new ResizeObserver(() => {
    if (atEnd.current) {
      node.scrollTop = node.scrollHeight;
    }
  });
  for (const each of [node, ...node.children]) {
    growth.observe(each);
  }
  node.addEventListener('scroll', look, { passive: true });
  return () => {
    growth.disconnect();
    node.removeEventListener('scroll', look);
  };
}
