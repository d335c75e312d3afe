/** What a message will send, before it is sent. */
import React, { useEffect, useState } from 'react';

import type { Preview as Answer } from '../protocol/messages';
import { promptOf } from './deeds';
import type { IDraft } from './composer';
import type { IConversation } from './model';
import { useServices } from './services';
import { placeForPrompt } from './transcript';

export interface IPreview {
  readonly draft: IDraft;
  readonly conversation: IConversation;
}

/** The cell that the message becomes, and the whole request, as the kernel would make it now. */
export function Preview({ draft, conversation }: IPreview): React.JSX.Element {
  const { questions, trans } = useServices();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const { words } = draft;
  const kernel = conversation.panel.sessionContext.session?.kernel ?? null;
  useEffect(() => {
    let wanted = true;
    const before = cellBehind(conversation);
    setAnswer(null);
    void (kernel ? questions(kernel).preview(words, before) : Promise.resolve(null)).then(found => {
      if (wanted) {
        setAnswer(found);
      }
    });
    return () => void (wanted = false);
  }, [kernel, words, conversation, questions]);
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

/** The cell above which the prompt will stand, or '' at the notebook's end. */
function cellBehind({ panel }: IConversation): string {
  const notebook = panel.context.model.sharedModel;
  const place = placeForPrompt(notebook, panel.content.activeCellIndex);
  return notebook.cells[place]?.getId() ?? '';
}
