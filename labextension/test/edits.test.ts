/** What the user changes in a step: both texts stay, what came after it is stale, and goes on. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ISharedCodeCell } from '@jupyter/ydoc';

import { earlierOf } from '../src/cells/earlier';
import { noteOf } from '../src/cells/words';
import { savedMetadata } from '../src/cells/metadata';
import type { SavedMetadata } from '../src/cells/metadata';
import type { NotebookChange } from '../src/protocol/messages';
import { fingerprint } from '../src/cells/fingerprint';
import { settled } from './kernel';
import { cellOf, finish, idsOf, metadata, place, saved } from './notebooks';
import { end, kernel, next, notebook, reload, said, setStage, start, welcome } from './stage';

beforeEach(setStage);

function about(cellId: string): SavedMetadata {
  return savedMetadata(cellOf(notebook, cellId)) ?? {};
}

function change(cellId: string, source: string): void {
  cellOf(notebook, cellId).setSource(source);
}

/** A step that is proposed, run by the user, perhaps with another text, and marked. */
function step(number: number, edited: string | null = null): void {
  const id = `a${number}`;
  const source = `step(${number})`;
  const fields = { step: number, fingerprint: fingerprint(source) };
  kernel.say({ ...place(id, { metadata: fields }), id: next() });
  kernel.say({ ...finish(id, source, { ...fields, status: 'proposed' }), id: next() });
  if (edited !== null) {
    change(id, edited);
  }
  run(id);
  kernel.say({
    kind: 'cell.mark',
    id: next(),
    cell_id: id,
    metadata: metadata({ ...fields, status: 'ok', edited: edited !== null }),
    passes: false
  });
}

function run(cellId: string): void {
  kernel.execute(cellId);
  (cellOf(notebook, cellId) as ISharedCodeCell).execution_count = 1;
  kernel.reply(cellId);
}

describe('a step that the user changes', () => {
  beforeEach(() => {
    start();
    step(1);
    step(2, 'mine()');
    step(3);
    end();
  });

  test('keeps what the model wrote, as long as it holds another text', () => {
    expect(about('a1')).not.toHaveProperty('wrote');
    expect(about('a2')).toMatchObject({ wrote: 'step(2)', ran: fingerprint('mine()') });
    change('a1', 'other()');
    expect(about('a1')).toMatchObject({ wrote: 'step(1)' });
    change('a1', 'another()');
    expect(about('a1')).toMatchObject({ wrote: 'step(1)' });
    expect(earlierOf(cellOf(notebook, 'a1'))).toEqual([
      { title: 'What the model wrote', texts: ['step(1)'] }
    ]);
    change('a1', 'step(1)');
    expect(about('a1')).not.toHaveProperty('wrote');
  });

  test('does so in a page that was loaded since', () => {
    reload();
    change('a3', 'other()');
    expect(about('a3')).toMatchObject({ wrote: 'step(3)' });
  });

  test('makes stale what its turn did after it, once it was run', () => {
    change('a1', 'other()');
    expect(about('a2')).not.toHaveProperty('since');
    run('a1');
    expect(['a1', 'a2', 'a3'].map(id => about(id).since)).toEqual(['changed', 'stale', 'stale']);
    expect(noteOf(about('a1'), false, true)).toMatch(/^You changed this step/);
    expect(noteOf(about('a2'), false, true)).toMatch(/^Stale/);
    run('a2');
    expect(about('a2')).not.toHaveProperty('since');
  });

  test('makes nothing stale where it runs again as it was', () => {
    run('a1');
    run('a2'); // he had edited it before it ran first
    expect(['a1', 'a2', 'a3'].map(id => about(id).since)).toEqual([
      undefined,
      undefined,
      undefined
    ]);
    change('a2', 'step(2)');
    run('a2');
    expect(about('a2')).not.toHaveProperty('ran');
    expect(about('a3').since).toBe('stale');
  });

  test('is where a turn can go on: what came after it is kept aside', async () => {
    change('a1', 'other()');
    run('a1');
    kernel.sent.length = 0;
    start({ turn: 't2' }, 't1', 1);
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'a2', 'c1']); // he had edited the second
    expect(about('a1')).toMatchObject({ turn: 't2', wrote: 'step(1)' });
    expect(about('a1')).not.toHaveProperty('since');
    expect(cellOf(notebook, 'a2').getMetadata('codeact')).toBeUndefined();
    expect(earlierOf(cellOf(notebook, 'c0'))).toEqual([
      { title: 'Turn 1, replaced', texts: ['step(3)'] }
    ]);
    kernel.say({ kind: 'notebook.read', id: next(), prompt_id: 'c0', characters: 9_000 });
    await settled();
    const [{ cells }] = said('reply').slice(-1) as unknown as [{ cells: { source: string }[] }];
    expect(cells.map(({ source }) => source)).toEqual(['other()']);
    kernel.say({
      ...place('b2', { metadata: { turn: 't2', step: 2 } }),
      id: next()
    });
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'b2', 'a2', 'c1']);
  });
});

test('a turn that was stopped goes on from its last step in another page', () => {
  start();
  step(1);
  end('stopped');
  reload();
  welcome();
  start({ turn: 't2' }, 't1', 1);
  expect(idsOf(notebook)).toEqual(['c0', 'a1', 'c1']);
  expect(about('a1').turn).toBe('t2');
});

describe('a prompt that is asked anew', () => {
  const ids = ['c0', 'a1', 'a2', 'c1'];

  beforeEach(() => {
    start();
    step(1);
    step(2);
    end();
    start({ turn: 't2' }, 't1');
  });

  test('keeps what it had until the new turn has its first cell', () => {
    expect(idsOf(notebook)).toEqual(ids);
    kernel.say({ ...place('b1', { metadata: { turn: 't2' } }), id: next() });
    expect(idsOf(notebook)).toEqual(['c0', 'b1', 'c1']);
    expect(about('c0')).not.toHaveProperty('replaces');
    expect(earlierOf(cellOf(notebook, 'c0'))[0]?.texts).toEqual(['step(1)', 'step(2)']);
  });

  test('has it still where the model said nothing, and loses it to the next turn', () => {
    end('fault', { turn: 't2' });
    expect(idsOf(notebook)).toEqual(ids);
    expect(about('a1').turn).toBe('t2');
    expect(about('c0')).toMatchObject({ status: 'fault', cells: 2 });
    expect(about('c0')).not.toHaveProperty('replaces');
    start({ turn: 't3' }, 't2');
    kernel.say({ ...place('b1', { metadata: { turn: 't3' } }), id: next() });
    expect(idsOf(notebook)).toEqual(['c0', 'b1', 'c1']);
  });

  test('does so in a page that was loaded meanwhile', () => {
    reload();
    welcome('t2');
    kernel.say({ ...place('b1', { metadata: { turn: 't2' } }), id: next() });
    expect(idsOf(notebook)).toEqual(['c0', 'b1', 'c1']);
  });

  test('has it still where the kernel goes', async () => {
    kernel.restart();
    await settled();
    expect(idsOf(notebook)).toEqual(ids);
    expect(about('a1').turn).toBe('t2');
    expect(about('c0')).toMatchObject({ status: 'stopped', turn: 't2' });
    expect(about('c0')).not.toHaveProperty('replaces');
  });
});

describe('to the kernel, which tells the model itself what ran,', () => {
  async function news(): Promise<unknown> {
    kernel.say({ kind: 'notebook.news', id: next(), prompt_id: 'c0', characters: 9_000 });
    await settled();
    const [{ changes }] = said('reply').slice(-1) as unknown as [{ changes: NotebookChange[] }];
    return changes.map(({ cell_id, what }) => [cell_id, what]);
  }

  beforeEach(() => {
    start();
    kernel.say({ kind: 'notebook.read', id: next(), prompt_id: 'c0', characters: 9_000 });
  });

  test('a changed cell that was run is no news', async () => {
    step(1, 'mine()');
    change('c1', 'y = 7');
    run('c1');
    expect(await news()).toEqual([]);
    change('c1', 'y = 8');
    expect(await news()).toEqual([['c1', 'edited']]);
  });

  test('one that was sent and did not run is', async () => {
    change('c1', 'y = 7');
    kernel.execute('c1');
    kernel.reply('c1', 'aborted');
    expect(await news()).toEqual([['c1', 'edited']]);
  });
});

test.each([
  { wrote: 5, branches: 'none' },
  { branches: [null, { cells: 'x' }, { cells: [null, { source: 5 }] }] }
])('earlier versions as %j are none', forged => {
  cellOf(notebook, 'c0').setMetadata('codeact', { ...saved({ role: 'prompt' }), ...forged });
  expect(earlierOf(cellOf(notebook, 'c0'))).toEqual([]);
});
