import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { CONFIRMED_WITHIN, LINKED_WITHIN } from '../../src/gate/over';
import { card, Desk, settled } from './standins';

const PROMPT = '%%codeact\nask';

/** x, a prompt, and two cells behind it; running the prompt starts a turn. */
function deskWithTurn(...more: string[]): Desk {
  const desk = new Desk('x = 1', PROMPT, 'y = 2', 'z = 3', ...more);
  desk.onRun.set('b', () => {
    desk.cell('b').outputs.show(card('b'));
    desk.turns.begin('b');
    return true;
  });
  return desk;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('cells of the same burst wait until the turn has ended', async () => {
  const desk = deskWithTurn();
  const [x, prompt, y] = desk.run('abcd');
  await settled();
  expect(desk.order).toBe('ab');
  expect(desk.starred).toBe('cd');
  expect(await Promise.all([x, prompt])).toEqual([true, true]);
  desk.turns.end('answered');
  expect(await y).toBe(true);
  await settled();
  expect(desk.order).toBe('abcd');
  expect(desk.starred).toBe('');
});

test('a later request runs at once', async () => {
  const desk = deskWithTurn('print()');
  void desk.run('abcd');
  await settled();
  void desk.run('e');
  await settled();
  expect(desk.order).toBe('abe');
});

test.each(['stopped', 'failed', 'gone'] as const)(
  'nothing runs behind a turn that is %s',
  async outcome => {
    const desk = deskWithTurn();
    const runs = desk.run('abcd');
    await settled();
    desk.turns.end(outcome);
    expect(await Promise.all(runs)).toEqual([true, true, false, false]);
    expect(desk.order).toBe('ab');
    expect(desk.starred).toBe('');
  }
);

test('a prompt that starts no turn releases at once', async () => {
  const desk = new Desk(PROMPT, 'y = 2');
  void desk.run('ab');
  await settled();
  expect(desk.order).toBe('ab');
});

test('a quiet prompt shows an ended card and releases at once', async () => {
  const desk = new Desk(PROMPT, 'y = 2');
  desk.onRun.set('a', () => {
    desk.cell('a').outputs.show(card('a', { state: 'ended', ending: 'answered' }));
    return true;
  });
  void desk.run('ab');
  await settled();
  expect(desk.order).toBe('ab');
});

test('a card that ended in a fault releases nothing', async () => {
  const desk = new Desk(PROMPT, 'y = 2');
  desk.onRun.set('a', () => {
    desk.cell('a').outputs.show(card('a', { state: 'ended', ending: 'fault' }));
    return true;
  });
  const [, y] = desk.run('ab');
  expect(await y).toBe(false);
  expect(desk.order).toBe('a');
});

test('a prompt that raises stops what is behind it', async () => {
  const desk = new Desk(PROMPT, 'y = 2');
  desk.onRun.set('a', () => {
    throw new Error('KernelReplyNotOK');
  });
  const [prompt, y] = desk.run('ab');
  await expect(prompt).rejects.toThrow('KernelReplyNotOK');
  expect(await y).toBe(false);
  expect(desk.order).toBe('a');
});

test('a turn that ended before its reply came counts as it ended', async () => {
  const desk = new Desk(PROMPT, 'y = 2');
  desk.onRun.set('a', () => {
    desk.turns.begin('a');
    desk.turns.end('answered');
    return true;
  });
  void desk.run('ab');
  await settled();
  expect(desk.order).toBe('ab');
});

/** A prompt whose card is there before the tab's link is: as the very first of a kernel. */
function deskWithPromise(): Desk {
  const desk = new Desk(PROMPT, 'y = 2');
  desk.turns.connected = false;
  desk.onRun.set('a', () => {
    desk.cell('a').outputs.show(card('a'));
    return true;
  });
  return desk;
}

test('a card says that a turn is on its way, and then it is waited for', async () => {
  const desk = deskWithPromise();
  void desk.run('ab');
  await settled();
  vi.advanceTimersByTime(LINKED_WITHIN - 1);
  await settled();
  expect(desk.order).toBe('a');
  desk.turns.connected = true;
  desk.turns.begin('a');
  vi.advanceTimersByTime(10 * LINKED_WITHIN);
  await settled();
  expect(desk.order).toBe('a');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('ab');
});

test('a turn that is never confirmed holds nothing for ever', async () => {
  const desk = deskWithPromise();
  const [, y] = desk.run('ab');
  await settled();
  desk.turns.connected = true;
  desk.turns.changed.emit();
  vi.advanceTimersByTime(CONFIRMED_WITHIN);
  expect(await y).toBe(false);
  expect(desk.starred).toBe('');
});

test('no link at all holds nothing for ever', async () => {
  const desk = deskWithPromise();
  const [, y] = desk.run('ab');
  await settled();
  vi.advanceTimersByTime(LINKED_WITHIN);
  expect(await y).toBe(false);
});

test.each(['restarting', 'autorestarting', 'dead', 'terminating'] as const)(
  'a kernel that is %s releases a turn that was never confirmed',
  async status => {
    const desk = deskWithPromise();
    const [, y] = desk.run('ab');
    await settled();
    desk.session.statusChanged.emit(status);
    expect(await y).toBe(false);
  }
);

test('closing the notebook or deleting the prompt releases it, too', async () => {
  for (const end of [
    (desk: Desk) => {
      desk.session.isDisposed = true;
      desk.session.disposed.emit();
    },
    (desk: Desk) => {
      desk.remove('a');
    }
  ]) {
    const desk = deskWithPromise();
    const [, y] = desk.run('ab');
    await settled();
    end(desk);
    expect(await y).toBe(false);
  }
});

test('a card that ends without a link releases by how it ended', async () => {
  const desk = deskWithPromise();
  const timers = vi.getTimerCount();
  void desk.run('ab');
  await settled();
  desk.cell('a').outputs.show(card('a', { state: 'ended', ending: 'answered' }));
  await settled();
  expect(desk.order).toBe('ab');
  expect(vi.getTimerCount()).toBe(timers);
});

test('a second Run All asks the prompt only once, and each held cell runs once', async () => {
  const desk = deskWithTurn();
  void desk.run('abcd');
  await settled();
  void desk.run('abcd');
  await settled();
  expect(desk.order).toBe('aba');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('abacd');
});

test('a held cell that is run by itself runs at once, and only then', async () => {
  const desk = deskWithTurn();
  void desk.run('abcd');
  await settled();
  void desk.run('c');
  await settled();
  expect(desk.order).toBe('abc');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('abcd');
});

test('a held cell that is deleted lets the others go on', async () => {
  const desk = deskWithTurn();
  void desk.run('abcd');
  await settled();
  desk.remove('c');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('abd');
});

test('a held prompt that is deleted lets the others go on', async () => {
  const desk = deskWithTurn(PROMPT, 'last');
  void desk.run('abef');
  await settled();
  desk.remove('e');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('abf');
});

test('a copy of a notebook has cells of the same ids and turns of its own', async () => {
  const desk = deskWithTurn();
  const copy = desk.copy();
  copy.onRun.set('b', () => {
    copy.turns.begin('b');
    return true;
  });
  void desk.run('abcd');
  void copy.run('abcd');
  await settled();
  expect([desk.order, copy.order]).toEqual(['ab', 'ab']);
  copy.turns.end('answered');
  await settled();
  expect([desk.order, copy.order]).toEqual(['ab', 'abcd']);
});

test('two prompts of one burst wait for their own turns, cells between in order', async () => {
  const desk = deskWithTurn(PROMPT, 'last');
  desk.onRun.set('e', () => {
    desk.turns.begin('e');
    return true;
  });
  void desk.run('abcdef');
  await settled();
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('abcde');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('abcdef');
});

test('a held prompt that is run by itself keeps what is behind it waiting', async () => {
  const desk = deskWithTurn(PROMPT, 'last');
  desk.onRun.set('e', () => {
    desk.turns.begin('e');
    return true;
  });
  void desk.run('abcdef');
  await settled();
  void desk.run('e');
  await settled();
  expect(desk.order).toBe('abe');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('abef');
});

test('a turn that ran before a page reload holds what is behind its prompt', async () => {
  const desk = deskWithTurn();
  desk.turns.begin('b');
  void desk.run('abcd');
  await settled();
  expect(desk.order).toBe('a');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('acd');
});

test('an action that has run is held as any other cell', async () => {
  const desk = deskWithTurn();
  desk.mark('c', { role: 'action', status: 'ok' });
  void desk.run('abcd');
  await settled();
  expect(desk.order).toBe('ab');
});

test('the error of an action aborts nothing that is queued', async () => {
  const desk = new Desk('1 / 0');
  desk.mark('a', { role: 'action', status: 'error' });
  desk.cell('a').model.sharedModel.setMetadata('tags', ['mine']);
  desk.onRun.set('a', () => {
    throw new Error('KernelReplyNotOK');
  });
  const [run] = desk.run('a');
  await expect(run).rejects.toThrow();
  expect(desk.requests.get('a')).toMatchObject({ tags: ['mine', 'raises-exception'] });
  expect(desk.cell('a').model.sharedModel.getMetadata('tags')).toEqual(['mine']);
});

test('a prompt’s request says who sent it, and the notebook never keeps that', async () => {
  const desk = new Desk(PROMPT);
  desk.mark('a', { role: 'prompt', status: 'answered' });
  desk.turns.continuesFrom = 3;
  desk.turns.asksAgain = true;
  await Promise.all(desk.run('a'));
  const front = {
    client: 'this tab',
    version: '1.2.3',
    cells: 2,
    keeps: 3,
    again: true,
    settings: { max_steps: 3 }
  };
  expect(desk.requests.get('a')).toMatchObject({ codeact: { turn: 't', front } });
  expect(desk.cell('a').model.sharedModel.getMetadata('codeact')).toEqual({
    turn: 't',
    role: 'prompt',
    status: 'answered'
  });
});

test('a prompt’s request leaves the cells of its earlier turns in the notebook', async () => {
  const desk = new Desk(PROMPT);
  desk.mark('a', { role: 'prompt', branches: [{ turn: 't0', cells: [] }] });
  await Promise.all(desk.run('a'));
  expect(desk.requests.get('a')?.codeact).not.toHaveProperty('branches');
  expect(desk.cell('a').model.sharedModel.getMetadata('codeact')).toHaveProperty('branches');
});

test('a copy of a prompt was never answered', async () => {
  const desk = new Desk(PROMPT);
  desk.mark('a', { role: 'prompt', status: 'answered', cell_id: 'another' });
  await Promise.all(desk.run('a'));
  expect(desk.requests.get('a')?.codeact).toMatchObject({ front: { cells: 0 } });
  expect(desk.requests.get('a')?.codeact).not.toHaveProperty('status');
});

test('the marker leaves no undo step and no metadata where there was none', async () => {
  const desk = new Desk(PROMPT);
  desk.notebook.clearUndoHistory();
  await Promise.all(desk.run('a'));
  expect(desk.requests.get('a')).toMatchObject({ codeact: { front: { cells: 0 } } });
  expect(desk.cell('a').model.sharedModel.getMetadata('codeact')).toBeUndefined();
  expect(desk.notebook.canUndo()).toBe(false);
});

test('"%codeact stop" stops the turn and is not sent', async () => {
  const desk = deskWithTurn(' %codeact   stop \n');
  void desk.run('b');
  await settled();
  desk.cell('e').outputs.show(card('an output of an earlier run'));
  expect(await Promise.all(desk.run('e'))).toEqual([true]);
  expect(desk.cell('e').outputs.length).toBe(0);
  expect(desk.turns.calls).toEqual(['stop']);
  expect(desk.order).toBe('b');
  expect(desk.starred).toBe('');
});

test('without a turn "%codeact stop" is the kernel’s to answer', async () => {
  const desk = new Desk('%codeact stop');
  await Promise.all(desk.run('a'));
  expect(desk.order).toBe('a');
});

test('a Markdown cell behind a prompt is held, too', async () => {
  const desk = new Desk(PROMPT, '#md');
  desk.onRun.set('a', () => {
    desk.turns.begin('a');
    return true;
  });
  void desk.run('ab');
  await settled();
  expect(desk.order).toBe('a');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('ab');
});
