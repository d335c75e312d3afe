/** The conversations of a notebook, where it holds more than one. */
import React from 'react';

import { useServices } from './services';
import type { ITurnView } from './transcript';

export interface ISessions {
  readonly turns: readonly ITurnView[];
  /** The session that is shown, or '' for all. */
  readonly chosen: string;
  readonly onChoose: (session: string) => void;
}

export function Sessions({ turns, chosen, onChoose }: ISessions): React.ReactNode {
  const { trans } = useServices();
  const first = new Map<string, string>();
  for (const { prompt } of turns) {
    if (prompt !== null && prompt.session !== '' && !first.has(prompt.session)) {
      first.set(prompt.session, prompt.words);
    }
  }
  if (first.size < 2) {
    return null;
  }
  return (
    <select
      className="codeact-Sidebar-sessions"
      aria-label={trans.__('Conversations of this notebook')}
      value={chosen}
      onChange={event => onChoose(event.target.value)}
    >
      <option value="">{trans.__('All %1 conversations', first.size)}</option>
      {[...first].map(([session, words], at) => (
        <option key={session} value={session}>
          {`${at + 1}: ${words.slice(0, 60)}`}
        </option>
      ))}
    </select>
  );
}
