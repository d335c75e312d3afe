/** A notebook with a prompt, its turns, and a kernel that has said welcome. */
import type { ISharedCodeCell, YNotebook } from '@jupyter/ydoc';

import { fingerprint } from '../src/cells/fingerprint';
import { CARD_MIME, VERSION } from '../src/protocol/messages';
import type { Card, TabMessage } from '../src/protocol/messages';
import { NotebookTurns } from '../src/turns/turns';
import { FakeKernel, FakePlace } from './kernel';
import { card, cellOf, finish, metadata, notebookOf, place } from './notebooks';

export let notebook: YNotebook;
export let kernel: FakeKernel;
export let panel: FakePlace;
export let turns: NotebookTurns;
let lastId = 0;

/** For `beforeEach`. */
export function setStage(): void {
  notebook = notebookOf('%%codeact\nhow many?', 'mine()');
  reload();
  welcome();
}

/** The page is loaded again: all is new but the notebook. */
export function reload(): void {
  kernel = new FakeKernel();
  panel = new FakePlace(notebook, kernel);
  turns = new NotebookTurns(panel);
  kernel.load();
}

export function next(): number {
  lastId += 1;
  return lastId;
}

export function welcome(...known: string[]): void {
  kernel.say({ kind: 'welcome', version: VERSION, turns: known });
  kernel.sent.length = 0;
}

export function start(fields: Partial<Card> = {}, replaces = '', keeps = 0): void {
  kernel.say({
    kind: 'turn.started',
    id: next(),
    prompt_id: fields.prompt_id ?? 'c0',
    replaces,
    keeps,
    metadata: metadata({ role: 'prompt', step: 0, status: 'running', turn: fields.turn ?? 't1' }),
    card: card(fields)
  });
}

export function propose(cellId = 'a1', source = 'x = 1'): void {
  kernel.say({ ...place(cellId), id: next() });
  const fields = { status: 'proposed', fingerprint: fingerprint(source) };
  kernel.say({ ...finish(cellId, source, fields), id: next() });
}

export function end(ending = 'answered', fields: Partial<Card> = {}): void {
  kernel.say({
    kind: 'turn.ended',
    id: next(),
    prompt_id: 'c0',
    metadata: metadata({ role: 'prompt', step: 0, status: ending, turn: fields.turn ?? 't1' }),
    card: card({ state: 'ended', ending, sentence: 'Done.', ...fields })
  });
}

export function said(kind: TabMessage['kind']): TabMessage[] {
  return kernel.sent.filter(message => message.kind === kind);
}

export function shownCards(): Card[] {
  const { outputs } = cellOf(notebook, 'c0') as ISharedCodeCell;
  return outputs.map(output => (output.data as Record<string, unknown>)[CARD_MIME] as Card);
}
