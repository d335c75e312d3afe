/** Replays conversations that the kernel's tests validate too: `tests/contract/golden`. */
/// <reference types="vite/client" />
import { expect, test, vi } from 'vitest';

import type { Hello, KernelMessage, TabMessage, TurnStarted } from '../src/protocol/messages';
import { NotebookTurns } from '../src/turns/turns';
import { FakeKernel, FakePlace } from './kernel';
import { indexOf, notebookOf } from './notebooks';

type Line = { from: 'kernel'; message: KernelMessage } | { from: 'tab'; message: TabMessage };

const CONVERSATIONS = import.meta.glob<Line[]>('../../tests/contract/golden/*.json', {
  eager: true,
  import: 'default'
});

/** The id of the prompt that the conversation is about. */
function promptOf(lines: Line[]): string {
  const messages = lines.map(line => line.message as Partial<TurnStarted>);
  return messages.find(message => message.prompt_id !== undefined)?.prompt_id ?? '';
}

/** What the user does for the tab to say this. */
function act(place: FakePlace, turns: NotebookTurns, message: TabMessage): void {
  switch (message.kind) {
    case 'stop':
      turns.stop();
      break;
    case 'reject':
      turns.reject(message.cell_id, message.reason);
      break;
    case 'approve.rest':
      turns.approveRest(message.turn);
      break;
    case 'gone':
      place.notebook.deleteCell(indexOf(place.notebook, message.cell_id));
      break;
    case 'hello':
    case 'reply':
      break;
  }
}

test.each(Object.entries(CONVERSATIONS))('%s', async (_, lines) => {
  const hello = lines[0]?.message as Hello;
  const notebook = notebookOf();
  notebook.addCell({ cell_type: 'code', id: promptOf(lines), source: '%%codeact\nhow many?' });
  const kernel = new FakeKernel(hello.client);
  kernel.loaded = true;
  const place = new FakePlace(notebook, kernel);
  const turns = new NotebookTurns(place);
  for (const line of lines) {
    if (line.from === 'kernel') {
      kernel.say(line.message);
    } else {
      act(place, turns, line.message);
      await vi.waitFor(() => {
        expect(kernel.sent).not.toHaveLength(0);
      });
      expect(kernel.sent.shift()).toEqual(line.message);
    }
  }
  expect(kernel.sent).toEqual([]);
  expect(turns.running).toBeNull();
});
