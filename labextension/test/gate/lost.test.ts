/** A prompt whose reply was lost with the connection: its turn goes on and ends. */
import { expect, test } from 'vitest';

import type { TurnOutcome } from '../../src/tokens';
import { card, Desk, settled } from './standins';

/** A prompt that never hears that it has run, and a cell behind it. */
function deskWithLoss(): Desk {
  const desk = new Desk('%%codeact\nask', 'y = 2');
  desk.lost.add('a');
  desk.onRun.set('a', () => {
    desk.cell('a').outputs.show(card('a'));
    desk.turns.begin('a');
  });
  return desk;
}

test('holds the cells behind it until its turn has ended', async () => {
  const desk = deskWithLoss();
  void desk.run('ab');
  await settled();
  expect(desk.order).toBe('a');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('ab');
});

test.each(['stopped', 'failed', 'gone'] as TurnOutcome[])(
  'runs nothing behind a turn that is %s',
  async outcome => {
    const desk = deskWithLoss();
    const [, y] = desk.run('ab');
    await settled();
    desk.turns.end(outcome);
    expect(await y).toBe(false);
    expect(desk.order).toBe('a');
  }
);

test('can be asked again, and that turn is waited for', async () => {
  const desk = deskWithLoss();
  void desk.run('a');
  await settled();
  desk.turns.end('stopped');
  await settled();
  desk.lost.clear();
  void desk.run('ab');
  await settled();
  expect(desk.order).toBe('aa');
  desk.turns.end('answered');
  await settled();
  expect(desk.order).toBe('aab');
});
