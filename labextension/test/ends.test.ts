import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { ISharedCodeCell } from '@jupyter/ydoc';

import { fingerprint } from '../src/cells/fingerprint';
import { FakeKernel, settled } from './kernel';
import { cellOf, finish, idsOf, indexOf, metadata, place, saved } from './notebooks';
import {
  end,
  kernel,
  next,
  notebook,
  panel,
  propose,
  said,
  setStage,
  shownCards,
  start,
  turns,
  welcome
} from './stage';

beforeEach(setStage);

afterEach(() => {
  vi.useRealTimers();
});

describe('stop', () => {
  beforeEach(() => {
    start();
    propose();
    kernel.sent.length = 0;
  });

  test('interrupts while an action of ours is executed', () => {
    kernel.execute('a1');
    kernel.begin('a1');
    turns.stop();
    expect(said('stop')).toMatchObject([{ turn: 't1' }]);
    expect(turns.running?.stopping).toBe(true);
    expect(panel.interrupts).toBe(1);
  });

  test('never interrupts the cell of the user, nor a finished one', () => {
    kernel.execute('c1');
    kernel.begin('c1');
    turns.stop();
    kernel.reply('c1');
    kernel.execute('a1');
    kernel.begin('a1');
    expect(panel.interrupts).toBe(1);
    kernel.reply('a1');
    turns.stop();
    kernel.begin('of a console');
    turns.stop();
    expect(panel.interrupts).toBe(1);
  });

  test.each([
    ['an action that another tab runs', 'r1', 1],
    ['nothing else that another tab runs', 'r2', 0],
    ['nothing that is over', '', 0]
  ])('interrupts %s', (_, executed, times) => {
    start();
    kernel.begin('r1');
    kernel.say({ kind: 'turn.runs', turn: 't1', request: 'r1' });
    if (executed !== 'r1') {
      kernel.idle('r1');
      kernel.begin(executed);
    }
    turns.stop();
    expect(said('stop')).toMatchObject([{ turn: 't1' }]);
    expect(panel.interrupts).toBe(times);
  });

  test('interrupts an action of another tab also where it hears of it behind the stop', () => {
    start();
    kernel.begin('r1');
    turns.stop();
    expect(panel.interrupts).toBe(0);
    kernel.say({ kind: 'turn.runs', turn: 't1', request: 'r1' });
    expect(panel.interrupts).toBe(1);
  });

  test('interrupts an action that waited behind a cell of the user when it begins', () => {
    kernel.execute('c1');
    kernel.execute('a1');
    kernel.begin('c1');
    turns.stop();
    expect(panel.interrupts).toBe(0);
    kernel.reply('c1');
    kernel.begin('a1');
    expect(panel.interrupts).toBe(1);
  });

  test('by somebody else is told to the kernel, and not repeated', () => {
    kernel.execute('a1');
    kernel.begin('a1');
    turns.interrupted();
    expect(said('stop')).toHaveLength(1);
    expect(panel.interrupts).toBe(0);
  });

  test('says after three seconds that an action goes on', () => {
    vi.useFakeTimers();
    kernel.execute('a1');
    kernel.begin('a1');
    turns.stop();
    vi.advanceTimersByTime(2_999);
    expect(turns.running?.unstoppable).toBe(false);
    vi.advanceTimersByTime(1);
    expect(turns.running?.unstoppable).toBe(true);
    kernel.reply('a1', 'error');
    expect(turns.running?.unstoppable).toBe(false);
  });

  test('ends a turn that the kernel does not know', async () => {
    const turn = turns.running;
    turns.stop();
    kernel.say({ kind: 'done', to: 1, ok: false, text: 'no such turn' });
    expect(await turn?.done).toBe('gone');
  });
});

describe('what the user deletes', () => {
  test('a proposal, told once; not one that he moves or runs', () => {
    start();
    propose();
    notebook.moveCell(1, 2);
    expect(said('gone')).toEqual([]);
    notebook.deleteCell(indexOf(notebook, 'a1'));
    expect(said('gone')).toMatchObject([{ cell_id: 'a1' }]);
    propose('a2');
    kernel.execute('a2');
    notebook.deleteCell(indexOf(notebook, 'a2'));
    expect(said('gone')).toHaveLength(1); // it runs all the same
    kernel.reply('a2');
    expect(said('gone')).toHaveLength(2);
  });

  test('a proposal that an undo brings back: it waits for nobody, and what runs is its own', () => {
    start();
    propose();
    notebook.deleteCell(indexOf(notebook, 'a1'));
    notebook.undo();
    const about = (): unknown => cellOf(notebook, 'a1').getMetadata('codeact');
    expect(about()).toMatchObject({ status: 'rejected' });
    kernel.say({
      kind: 'cell.remove',
      id: next(),
      cell_id: 'a1',
      fingerprint: fingerprint('x = 1'),
      metadata: metadata({ status: 'rejected' })
    });
    expect(idsOf(notebook)).toContain('a1');
    kernel.execute('a1');
    kernel.reply('a1');
    expect(about()).toMatchObject({ status: 'ok' });
    expect(said('gone')).toHaveLength(1);
  });

  test.each(['what has run', 'a thought'])('%s: no page is to bring it back', what => {
    start();
    propose();
    kernel.execute('a1');
    kernel.reply('a1');
    kernel.say({ ...place('t2', { metadata: { role: 'thought' } }), id: next() });
    kernel.say({
      ...finish('t2', 'I think.', { role: 'thought', status: 'done' }),
      id: next()
    });
    const cellId = what === 'a thought' ? 't2' : 'a1';
    const at = indexOf(notebook, cellId);
    notebook.moveCell(at, at === 1 ? 2 : 1);
    expect(said('gone')).toEqual([]);
    notebook.deleteCell(indexOf(notebook, cellId));
    expect(said('gone')).toMatchObject([{ cell_id: cellId }]);
    end();
    notebook.deleteCell(1);
    expect(said('gone')).toHaveLength(1);
  });

  test('the prompt: the turn stops', () => {
    start();
    propose();
    kernel.execute('a1');
    kernel.begin('a1');
    notebook.deleteCell(0);
    expect(said('gone')).toMatchObject([{ cell_id: 'c0' }]);
    expect(turns.running?.stopping).toBe(true);
    expect(panel.interrupts).toBe(1);
  });

  test('is not what the kernel has removed', () => {
    start();
    propose();
    kernel.say({
      kind: 'cell.remove',
      id: next(),
      cell_id: 'a1',
      fingerprint: fingerprint('x = 1'),
      metadata: metadata({ status: 'rejected' })
    });
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
    expect(said('gone')).toEqual([]);
  });
});

describe('reject', () => {
  test('is shown until the kernel has heard of it', async () => {
    start();
    propose();
    turns.reject('a1', '');
    expect(turns.decisions.isRejected('a1')).toBe(true);
    kernel.say({ kind: 'done', to: 1, ok: true, text: '' });
    await settled();
    expect(turns.decisions.isRejected('a1')).toBe(false);
  });

  test('is for the kernel to carry out', async () => {
    start();
    propose();
    turns.reject('a1', 'too slow');
    expect(said('reject')).toMatchObject([{ cell_id: 'a1', reason: 'too slow', deed: null }]);
    kernel.say({ kind: 'done', to: 1, ok: true, text: '' });
    await settled();
    expect(idsOf(notebook)).toContain('a1');
  });

  test('that does not reach the kernel takes no proposal from a turn', async () => {
    start();
    propose();
    turns.reject('a1', '');
    kernel.say({ kind: 'done', to: 1, ok: false, text: '' });
    await settled();
    expect(idsOf(notebook)).toContain('a1');
  });

  test.each([false, true])('removes a proposal of no turn (one runs: %s)', runs => {
    const codeact = saved({ status: 'proposed', turn: 't0' });
    notebook.addCell({ cell_type: 'code', id: 'old', metadata: { codeact } });
    if (runs) {
      start();
    } else {
      kernel.restart();
    }
    turns.reject('old', '');
    expect(said('reject')).toEqual([]);
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
  });
});

test.each([true, false])('a prompt whose reply was lost (%s) waits for it no more', lost => {
  kernel.execute('c0');
  start();
  if (lost) {
    kernel.connectionStatusChanged.emit('connecting');
    kernel.connectionStatusChanged.emit('connected');
  }
  end();
  expect(panel.over).toEqual(lost ? ['c0'] : []);
  expect(turns.isSent('c0')).toBe(!lost);
  expect(shownCards()).toMatchObject([{ ending: 'answered' }]);
});

describe('a kernel that goes', () => {
  test('ends the turn: card, mark and proposals, but not what the user edited', async () => {
    start();
    const turn = turns.running;
    propose('a1');
    propose('a2');
    cellOf(notebook, 'a2').setSource('mine');
    kernel.restart();
    expect(await turn?.done).toBe('gone');
    expect(idsOf(notebook)).toEqual(['c0', 'a2', 'c1']);
    expect(cellOf(notebook, 'a2').getMetadata('codeact')).toMatchObject({ status: 'stopped' });
    expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({ status: 'stopped' });
    expect(shownCards()).toMatchObject([{ state: 'ended', ending: 'stopped' }]);
    expect(shownCards()[0]?.sentence).toMatch(/^The kernel was restarted, so this turn ended\./);
    expect(turns.connected).toBe(false);
  });

  test('leaves the action that it executed as interrupted, with its outputs', async () => {
    start();
    propose();
    kernel.execute('a1');
    kernel.begin('a1');
    (cellOf(notebook, 'a1') as ISharedCodeCell).setOutputs([
      { output_type: 'stream', name: 'stdout', text: 'half done' }
    ]);
    kernel.restart('dead');
    await settled();
    expect(cellOf(notebook, 'a1').getMetadata('codeact')).toMatchObject({ status: 'interrupted' });
  });

  test('%unload_ext ends the turn', async () => {
    start();
    const turn = turns.running;
    kernel.close();
    expect(await turn?.done).toBe('gone');
    expect(shownCards()[0]?.sentence).toMatch(/^The kernel no longer has CodeAct loaded/);
  });

  test('a turn that lost its link while the kernel is busy is ended by Stop', async () => {
    start();
    const turn = turns.running;
    kernel.requestCommInfo = () => new Promise(() => undefined);
    kernel.close();
    turns.stop();
    expect(await turn?.done).toBe('gone');
  });

  test('a turn whose end was lost ends with the next welcome', async () => {
    start();
    const turn = turns.running;
    kernel.close(true);
    await settled();
    welcome();
    expect(await turn?.done).toBe('gone');
  });

  test('replies to nothing that it was sent, and interrupts what ran without a turn', async () => {
    const codeact = saved({ status: 'proposed', turn: 't0' });
    notebook.addCell({ cell_type: 'code', id: 'old', source: 'x', metadata: { codeact } });
    kernel.execute('old');
    kernel.restart();
    await settled();
    expect(turns.isSent('old')).toBe(false);
    expect(cellOf(notebook, 'old').getMetadata('codeact')).toMatchObject({ status: 'interrupted' });
  });

  test('a notebook that gets another kernel meets that one', async () => {
    start();
    const turn = turns.running;
    const other = (panel.own = new FakeKernel('client-2'));
    panel.kernelChanged.emit(undefined);
    expect(await turn?.done).toBe('gone');
    expect(turns.client).toBe('client-2');
    other.load();
    expect(other.sent).toMatchObject([{ kind: 'hello', client: 'client-2' }]);
    kernel.load();
    expect(said('hello')).toEqual([]);
  });

  test('a closed notebook ends its turn and says nothing', async () => {
    start();
    const turn = turns.running;
    panel.disposed.emit(undefined);
    expect(await turn?.done).toBe('gone');
    notebook.deleteCell(0);
    expect(said('gone')).toEqual([]);
  });
});
