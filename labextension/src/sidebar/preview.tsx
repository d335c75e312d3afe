/** What a message will send, before it is sent. */
import React, { useEffect, useState } from 'react';

import type { Preview as Answer } from '../protocol/messages';
import { promptOf } from './deeds';
import type { IDraft } from './composer';
import type { IConversation } from './model';
import { useServices } from './services';
import { placeForPrompt } from './transcript';

/** How long nothing more is typed or changed before the kernel is asked, in milliseconds. */
const PAUSE = 300;

export interface IPreview {
  readonly draft: IDraft;
  readonly conversation: IConversation;
}

/** The cell that the message becomes, and the whole request, as the kernel would make it now. */
export function Preview({ draft, conversation }: IPreview): React.JSX.Element {
  const { questions, trans } = useServices();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const { words, fresh } = draft;
  const kernel = conversation.panel.sessionContext.session?.kernel ?? null;
  const before = cellBehind(conversation);
  const changes = useChanges(conversation);
  useEffect(() => {
    let wanted = true;
    setAnswer(null);
    const ask = async (): Promise<void> => {
      const asked = kernel && questions(kernel);
      const found = await asked?.preview({ words, before, fresh }, () => wanted);
      if (wanted) {
        setAnswer(found ?? null);
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [kernel, words, before, fresh, changes, questions]);
  const request = answer === null ? trans.__('(The notebook is being read.)') : answer.text;
  return (
    <div className="codeact-Sidebar-preview">
      <p>{trans.__('The cell:')}</p>
      <pre className="codeact-Sidebar-code" tabIndex={0}>
        {promptOf(draft)}
      </pre>
      <p>{trans.__('All that will be sent:')}</p>
      <pre className="codeact-Sidebar-code" tabIndex={0}>
        {answer !== null && answer.fault !== '' ? answer.fault : request}
      </pre>
    </div>
  );
}

/** How often the notebook has changed, all of which may be sent. */
function useChanges({ panel }: IConversation): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const { model } = panel.content;
    const note = (): void => setChanges(count => count + 1);
    model?.contentChanged.connect(note);
    return () => void model?.contentChanged.disconnect(note);
  }, [panel]);
  return changes;
}

/** The cell above which the prompt will stand, or '' at the notebook's end. */
function cellBehind({ panel }: IConversation): string {
  const notebook = panel.context.model.sharedModel;
  const place = placeForPrompt(notebook, panel.content.activeCellIndex);
  return notebook.cells[place]?.getId() ?? '';
}
