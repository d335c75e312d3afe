/** A notebook that pages share: what another one has begun, and who writes how it ends. */
import { beforeEach, expect, test } from 'vitest';

import { CARD_MIME } from '../src/protocol/messages';
import { card, cellOf, saved } from './notebooks';
import { kernel, notebook, panel, said, setStage, shownCards, turns, welcome } from './stage';
import type { ISharedCodeCell } from '@jupyter/ydoc';

const prompt = { role: 'prompt', step: 0, status: 'running', turn: 't1' } as const;

/** As another page writes it. */
function begin(): void {
  const data = { [CARD_MIME]: { ...card() } };
  const output = { output_type: 'display_data', metadata: {}, data };
  (cellOf(notebook, 'c0') as ISharedCodeCell).setOutputs([output]);
  cellOf(notebook, 'c0').setMetadata('codeact', { ...saved(prompt), cell_id: 'c0' });
}

beforeEach(() => {
  setStage();
  panel.shared = true;
});

test('of a turn that another page has begun the kernel is asked, once', async () => {
  begin();
  await Promise.resolve();
  expect(said('hello')).toHaveLength(1);
  begin();
  await Promise.resolve();
  expect(said('hello')).toHaveLength(1);
  expect(turns.running).toBeNull();
  welcome('t1');
  expect(turns.running).toMatchObject({ id: 't1', elsewhere: true });
});

test('in a notebook of its own a page asks nothing', async () => {
  panel.shared = false;
  begin();
  await Promise.resolve();
  expect(said('hello')).toEqual([]);
});

test.each(['before', 'after'])('an action of it tells of it, heard %s the notebook', async when => {
  const runs = (): void => {
    kernel.say({ kind: 'turn.runs', turn: 't1', request: 'r1' });
  };
  if (when === 'before') {
    runs();
  }
  begin();
  await Promise.resolve();
  if (when === 'after') {
    runs();
  }
  expect(turns.running).toMatchObject({ id: 't1', elsewhere: true });
});

test('how it ends is written by the page that has it alone', () => {
  begin();
  welcome('t1');
  const before = JSON.stringify(notebook.cells.map(cell => cell.toJSON()));
  kernel.say({ kind: 'turn.card', card: card({ state: 'ended', ending: 'answered' }) });
  expect(turns.running).toBeNull();
  expect(JSON.stringify(notebook.cells.map(cell => cell.toJSON()))).toBe(before);
});

test('where the kernel goes, too', () => {
  begin();
  welcome('t1');
  const before = JSON.stringify(notebook.cells.map(cell => cell.toJSON()));
  turns.lost('was restarted');
  expect(turns.running).toBeNull();
  expect(JSON.stringify(notebook.cells.map(cell => cell.toJSON()))).toBe(before);
});

test('once the kernel tells it the turn, it is this page that writes', () => {
  begin();
  welcome('t1');
  kernel.say({ kind: 'turn.card', card: card() });
  expect(turns.running).toMatchObject({ id: 't1', elsewhere: false });
  turns.lost('was restarted');
  expect(shownCards()).toMatchObject([{ state: 'ended', ending: 'stopped' }]);
});
