/** Nothing runs that nobody approved, and nothing that was approved runs twice. */
import type { ISharedCodeCell } from '@jupyter/ydoc';
import { expect, test } from 'vitest';

import { CellRunner, type ICellSender } from '../../src/cells/runner';
import { Keys } from '../../src/keys';
import { runs } from '../notebooks';
import { Desk, settled } from './standins';

const PROMPT = '%%codeact\nask';

test('Run All never runs a proposal, a single request does', async () => {
  const desk = new Desk('x = 1', 'rm()');
  desk.mark('b', { role: 'action', status: 'proposed' });
  expect(await Promise.all(desk.run('ab'))).toEqual([true, true]);
  expect(desk.order).toBe('a');
  expect(desk.turns.calls).toEqual(['skipped b']);
  expect(await Promise.all(desk.run('b'))).toEqual([true]);
  expect(desk.order).toBe('ab');
});

test.each(['rejected', 'refused', 'stopped'])(
  'Run All runs what was %s only after the user has run it',
  async status => {
    const desk = new Desk('x = 1', 'rm()');
    desk.mark('b', { role: 'action', status });
    await Promise.all(desk.run('ab'));
    expect(desk.order).toBe('a');
    await Promise.all(desk.run('b'));
    (desk.cell('b').model.sharedModel as ISharedCodeCell).execution_count = 1;
    await Promise.all(desk.run('ab'));
    expect(desk.order).toBe('abab');
  }
);

test('each Run All that comes past proposals counts once', async () => {
  const desk = new Desk('x = 1', 'rm()', 'rm()');
  const other = desk.copy();
  for (const id of 'bc') {
    desk.mark(id, { role: 'action', status: 'proposed' });
  }
  const counted: number[] = [];
  for (const ids of ['abc', 'abc', 'a', 'b', 'bc']) {
    await Promise.all(desk.run(ids));
    counted.push(desk.turns.passes);
  }
  expect(counted).toEqual([1, 2, 2, 2, 3]);
  expect(other.turns.passes).toBe(0);
});

test('nobody runs a cell that is still being written', async () => {
  const desk = new Desk('x = 1', 'rm(');
  desk.mark('b', { role: 'action', status: 'writing' });
  desk.turns.begin('p');
  desk.mark('b', { role: 'action', status: 'writing', turn: desk.turns.running?.id ?? '' });
  await Promise.all(desk.run('b'));
  expect(desk.order).toBe('');
  await Promise.all(desk.run('ab'));
  expect(desk.order).toBe('a');
});

test('a half-written cell of a turn that is gone runs by itself, and not by Run All', async () => {
  const desk = new Desk('x = 1', 'rm(');
  desk.mark('b', { role: 'action', status: 'writing' });
  await Promise.all(desk.run('ab'));
  expect(desk.order).toBe('a');
  await Promise.all(desk.run('b'));
  expect(desk.order).toBe('ab');
});

test('an action of the running turn that was sent is not queued a second time', async () => {
  const desk = new Desk(PROMPT, 'rm()');
  desk.turns.begin('a');
  desk.mark('b', { role: 'action', status: 'running', turn: desk.turns.running?.id ?? '' });
  desk.turns.sent.add('b');
  expect(await Promise.all(desk.run('b'))).toEqual([true]);
  void desk.run('ab');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('');
});

test('a key that is held down approves nothing', async () => {
  const desk = new Desk('rm()', 'x = 1');
  desk.mark('a', { role: 'action', status: 'proposed' });
  desk.isHeldDown = true;
  await Promise.all([...desk.run('a'), ...desk.run('b')]);
  expect(desk.order).toBe('b');
});

test('a key that is held down keeps nothing back that the kernel has run', async () => {
  const desk = new Desk('x = 1');
  desk.mark('a', { role: 'action', status: 'proposed' });
  desk.isHeldDown = true;
  const sender: ICellSender = {
    send: async (id, sent) => {
      const [run] = desk.run(id);
      if (desk.order === id) {
        sent();
      }
      return (await run) ?? false;
    }
  };
  const owner = { isStopping: () => false, isSent: () => false };
  const outcome = await new CellRunner(desk.notebook, sender, owner).run(runs('a'));
  expect(outcome.error).toBeUndefined();
  expect(desk.order).toBe('a');
});

test.each(['keyup', 'pointerdown', 'blur'])(
  'a key is held down from its repetition to a %s',
  end => {
    const page = new EventTarget();
    const keys = new Keys(page);
    const press = (repeat: boolean): void => {
      page.dispatchEvent(Object.assign(new Event('keydown'), { repeat }));
    };
    press(false);
    expect(keys.held).toBe(false);
    press(true);
    expect(keys.held).toBe(true);
    page.dispatchEvent(new Event(end));
    expect(keys.held).toBe(false);
  }
);
