import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ISharedCodeCell } from '@jupyter/ydoc';
import type { PartialJSONObject } from '@lumino/coreutils';

import { fingerprint } from '../src/cells/fingerprint';
import { CARD_MIME } from '../src/protocol/messages';
import type { Card } from '../src/protocol/messages';
import { settled } from './kernel';
import { card, cellOf, finish, idsOf, indexOf, metadata, place, runs } from './notebooks';
import {
  end,
  kernel,
  next,
  notebook,
  panel,
  propose,
  reload,
  said,
  setStage,
  start,
  turns,
  welcome
} from './stage';

beforeEach(setStage);

describe('a turn', () => {
  test('runs from its start to its end', async () => {
    let changes = 0;
    turns.changed.connect(() => {
      changes += 1;
    });
    expect(turns.connected).toBe(true);
    expect(turns.client).toBe('client-1');
    start();
    const turn = turns.ofPrompt('c0');
    expect(turn).toMatchObject({ id: 't1', promptId: 'c0', stopping: false });
    propose();
    expect(turns.cellsOf('t1')).toBe(1);
    kernel.say({
      kind: 'cell.mark',
      id: next(),
      cell_id: 'a1',
      metadata: metadata({ status: 'ok' }),
      passes: false
    });
    end();
    expect(await turn?.done).toBe('answered');
    expect(turns.running).toBeNull();
    expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({
      status: 'answered',
      cells: 1
    });
    expect(changes).toBeGreaterThan(1);
  });

  test('has the file keep the ids of its cells, which one of nbformat 4.4 does not', () => {
    start();
    expect(panel.saves).toBe(0);
    end();
    Object.assign(notebook, { nbformat: 4, nbformat_minor: 4 });
    expect(notebook.toJSON().cells[0]).not.toHaveProperty('id');
    start({ turn: 't2' });
    expect(notebook.toJSON()).toMatchObject({ nbformat_minor: 5, cells: [{ id: 'c0' }, {}] });
    expect(panel.saves).toBe(2);
    expect(notebook.canUndo()).toBe(false);
  });

  test('shows its card in the output that holds it', () => {
    start();
    const prompt = cellOf(notebook, 'c0') as ISharedCodeCell;
    prompt.setOutputs([
      { output_type: 'stream', name: 'stdout', text: 'before' },
      {
        output_type: 'display_data',
        metadata: { kept: true },
        data: { [CARD_MIME]: { ...card() } }
      }
    ]);
    kernel.say({ kind: 'turn.card', card: card({ state: 'waiting', step: 2 }) });
    expect(prompt.outputs).toHaveLength(2);
    expect(prompt.outputs[1]).toMatchObject({
      metadata: { kept: true },
      data: {
        [CARD_MIME]: { state: 'waiting', step: 2 },
        'text/markdown': '**CodeAct** · step 2 · 1,204 tokens · m · waiting'
      }
    });
    expect(turns.running?.card).toMatchObject({ state: 'waiting', step: 2 });
  });

  test('does not begin again when a late card comes', () => {
    start();
    end();
    kernel.say({ kind: 'turn.card', card: card() });
    expect(turns.running).toBeNull();
  });

  test('sets the cells of the turn aside that it replaces', () => {
    start();
    propose();
    end();
    start({ turn: 't2' }, 't1');
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
    expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({ turn: 't2' });
  });

  test('of a copied prompt leaves the cells of the other one alone', () => {
    start();
    propose();
    kernel.execute('a1');
    end();
    const metadata = cellOf(notebook, 'c0').getMetadata() as PartialJSONObject;
    notebook.addCell({ cell_type: 'code', id: 'copy', source: '%%codeact\nmore?', metadata });
    start({ turn: 't2', prompt_id: 'copy' }, 't1');
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'c1', 'copy']);
    expect(cellOf(notebook, 'copy').getMetadata('codeact')).toMatchObject({
      turn: 't2',
      cell_id: 'copy'
    });
  });

  test('is not taken up at the copy of its prompt', () => {
    start();
    const metadata = cellOf(notebook, 'c0').getMetadata() as PartialJSONObject;
    notebook.addCell({ cell_type: 'code', id: 'copy', source: '%%codeact\nhow many?', metadata });
    reload();
    welcome('t1');
    expect(turns.running?.promptId).toBe('c0');
  });

  test('that is over leaves no proposal behind', () => {
    start();
    propose();
    end('stopped');
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
    expect(said('gone')).toEqual([]);
  });

  test('begins only where its prompt is', async () => {
    notebook.deleteCell(0);
    start();
    await settled();
    expect(said('reply')).toMatchObject([{ error: 'gone' }]);
    expect(said('gone')).toMatchObject([{ cell_id: 'c0' }]);
    expect(turns.running).toBeNull();
  });

  test('is told again until its end is saved', async () => {
    let written = (): void => undefined;
    const writing = new Promise<void>(resolve => {
      written = resolve;
    });
    vi.spyOn(panel.saver, 'save').mockReturnValue(writing);
    start();
    await settled();
    kernel.sent.length = 0;
    end();
    await settled();
    expect(said('reply')).toEqual([]);
    written();
    await settled();
    expect(said('reply')).toMatchObject([{ error: null }]);
  });

  test('is saved when it waits, before and after its actions run, and at its end', () => {
    start();
    propose();
    expect(panel.saves).toBe(0);
    kernel.say({ kind: 'turn.card', card: card({ state: 'waiting' }) });
    expect(panel.saves).toBe(1);
    kernel.execute('a1');
    expect(panel.saves).toBe(2);
    kernel.reply('a1');
    expect(panel.saves).toBe(3);
    kernel.execute('c1');
    expect(panel.saves).toBe(3);
    end();
    expect(panel.saves).toBe(4);
  });
});

describe('running an action', () => {
  function run(id = next(), print: string | null = fingerprint('x = 1')): void {
    kernel.say({ ...runs('a1', { id }), fingerprint: print });
  }

  beforeEach(async () => {
    start();
    propose();
    await settled();
    kernel.sent.length = 0;
  });

  test('is done once, and answered when it is sent', async () => {
    const id = next();
    run(id);
    run(id);
    await settled();
    expect(panel.ran).toEqual(['a1']);
    expect(said('reply')).toMatchObject([{ error: null }, { error: null }]);
  });

  test('leaves no trace in the notebook', async () => {
    run();
    await settled();
    expect(cellOf(notebook, 'a1').getMetadata('tags')).toBeUndefined();
    expect(notebook.undoManager.undoStack).toHaveLength(1);
  });

  test('keeps the tag that the cell had, until it runs well', async () => {
    cellOf(notebook, 'a1').setMetadata('tags', ['raises-exception', 'mine']);
    run();
    await settled();
    expect(cellOf(notebook, 'a1').getMetadata('tags')).toEqual(['raises-exception', 'mine']);
    kernel.reply('a1', 'error');
    expect(cellOf(notebook, 'a1').getMetadata('tags')).toEqual(['raises-exception', 'mine']);
    kernel.execute('a1');
    kernel.reply('a1', 'ok');
    expect(cellOf(notebook, 'a1').getMetadata('tags')).toEqual(['mine']);
  });

  test('is refused for another text, a deleted cell and a stopped turn', async () => {
    run(next(), fingerprint('y'));
    turns.stop();
    run();
    notebook.deleteCell(indexOf(notebook, 'a1'));
    run();
    await settled();
    expect(panel.ran).toEqual([]);
    expect(said('reply')).toMatchObject([
      { error: 'edited', fingerprint: fingerprint('x = 1') },
      { error: 'stopped' },
      { error: 'gone' }
    ]);
  });
});

describe('running an action that was written until now', () => {
  const whole = fingerprint('x = 1');
  const ended = { ...finish('a1', 'x = 1', { status: 'running', fingerprint: whole }), id: 7 };

  beforeEach(async () => {
    start();
    kernel.say({ ...place('a1', { source: 'x =' }), id: next() });
    await settled();
    kernel.sent.length = 0;
  });

  test('writes its end first, and answers once', async () => {
    kernel.say({ ...runs('a1', { id: 7 }), fingerprint: whole, finish: ended });
    await settled();
    expect(panel.ran).toEqual(['a1']);
    expect(cellOf(notebook, 'a1').getSource()).toBe('x = 1');
    expect(cellOf(notebook, 'a1').getMetadata('codeact')).toMatchObject({ status: 'running' });
    expect(said('reply')).toMatchObject([{ to: 7, error: null, fingerprint: whole }]);
  });

  test('keeps what the user typed there, and does not run it', async () => {
    cellOf(notebook, 'a1').setSource('y = 2\nx =');
    kernel.say({ ...runs('a1', { id: 7 }), fingerprint: whole, finish: ended });
    await settled();
    expect(panel.ran).toEqual([]);
    expect(cellOf(notebook, 'a1').getSource()).toBe('y = 2\nx = 1');
    expect(said('reply')).toMatchObject([{ to: 7, error: 'edited' }]);
  });
});

describe('a proposal that was sent to the kernel', () => {
  function status(): unknown {
    return (cellOf(notebook, 'a1').getMetadata('codeact') as { status: string }).status;
  }

  beforeEach(() => {
    start();
    propose();
    notebook.undoManager.clear();
    kernel.execute('a1');
  });

  test('is one no more, without an undo step', () => {
    expect(status()).toBe('running');
    expect(turns.isSent('a1')).toBe(true);
    expect(notebook.canUndo()).toBe(false);
    turns.reject('a1', '');
    kernel.say({ kind: 'done', to: 1, ok: false, text: '' });
    expect(idsOf(notebook)).toContain('a1');
  });

  test('whose reply was lost with the connection is waited for no more', () => {
    const ran = { kind: 'cell.outputs', cell_id: 'a1', execution_count: 7, outputs: [] };
    kernel.say({ ...ran, id: next() });
    expect(turns.isSent('a1')).toBe(true); // it is on its way
    kernel.connectionStatusChanged.emit('connecting');
    kernel.connectionStatusChanged.emit('connected');
    kernel.say({ ...ran, id: next() });
    expect(turns.isSent('a1')).toBe(false);
    expect(cellOf(notebook, 'a1').toJSON()).toMatchObject({ execution_count: 7 });
  });

  test('is told of again where the view that ran it was closed', () => {
    (cellOf(notebook, 'a1') as ISharedCodeCell).execution_count = 7;
    panel.unheard.add('a1');
    kernel.sent.length = 0;
    kernel.reply('a1');
    expect(said('hello')).toHaveLength(1);
    const outputs = [{ output_type: 'stream', name: 'stdout', text: 'put out' }];
    const ran = { kind: 'cell.outputs', cell_id: 'a1', execution_count: 7, outputs } as const;
    kernel.say({ ...ran, id: next() });
    expect(cellOf(notebook, 'a1').toJSON()).toMatchObject({ outputs: [{ text: 'put out' }] });
  });

  test.each([true, false])('is told of again where it came back (%s) as another cell', back => {
    notebook.deleteCell(1);
    if (back) {
      notebook.undo();
    }
    kernel.sent.length = 0;
    kernel.reply('a1');
    expect(said('hello')).toHaveLength(back ? 1 : 0);
  });

  test('is not sent again for the kernel, and its run is on its way', async () => {
    kernel.sent.length = 0;
    kernel.say(runs('a1', { id: next() }));
    await settled();
    expect(panel.ran).toEqual([]);
    expect(said('reply')).toMatchObject([{ error: null }]);
  });

  test('waits again where a failing cell of the user’s aborted it', () => {
    kernel.reply('a1', 'aborted');
    expect(status()).toBe('proposed');
    expect(turns.isSent('a1')).toBe(false);
  });

  test('stays sent for a page that was reloaded and is told again that it was proposed', () => {
    reload();
    welcome('t1');
    kernel.say({ ...place('a1'), id: next() });
    kernel.say({ ...finish('a1', 'x = 1', { status: 'proposed' }), id: next() });
    expect(status()).toBe('running');
  });
});

test('a prompt that a failing cell aborted is said not to have run', () => {
  kernel.execute('c0');
  kernel.reply('c0', 'aborted');
  expect(panel.warnings).toHaveLength(1);
});

test('a proposal that Run All came past is known as such until it runs', () => {
  start();
  propose();
  turns.decisions.skipped('a1', true);
  turns.decisions.skipped('a2', false);
  expect(turns.decisions.isSkipped('a1')).toBe(true);
  expect(turns.decisions.passes).toBe(1);
  kernel.execute('a1');
  expect(turns.decisions.isSkipped('a1')).toBe(false);
});

test('the kernel hears of a notebook’s new name', () => {
  panel.path = 'b.ipynb';
  panel.pathChanged.emit('b.ipynb');
  expect(said('hello')).toMatchObject([{ client: 'client-1', path: 'b.ipynb' }]);
  kernel.close();
  panel.pathChanged.emit('c.ipynb');
  expect(said('hello')).toHaveLength(1);
});

test('a save that failed is said below one card: of the turn that runs, or was last', () => {
  const saying = (): string[] => ['t1', 't2', 't3'].filter(id => turns.saveFaultOf(id) !== '');
  let changes = 0;
  show('c0', card({ turn: 't1', state: 'ended' }));
  show('c1', card({ turn: 't2', state: 'ended' }));
  turns.changed.connect(() => {
    changes += 1;
  });
  panel.saver.fault = 'It is read-only.';
  panel.saver.changed.emit(undefined);
  expect(turns.saveFaultOf('t2')).toBe('It is read-only.');
  expect(changes).toBe(1);
  expect(saying()).toEqual(['t2']);
  start();
  expect(saying()).toEqual(['t1']);
  end();
  expect(saying()).toEqual(['t1']);
  reload();
  panel.saver.fault = 'It is read-only.';
  expect(saying()).toEqual(['t2']);
});

function show(cellId: string, shown: Card): void {
  const data = { [CARD_MIME]: { ...shown } };
  const output = { output_type: 'display_data', metadata: {}, data };
  (cellOf(notebook, cellId) as ISharedCodeCell).setOutputs([output]);
}
