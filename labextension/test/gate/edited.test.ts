/** A prompt that is run again while its turn runs is not sent; where it was edited, that is said. */
import { expect, test } from 'vitest';

import { Desk, settled } from './standins';

async function deskWithTurn(): Promise<Desk> {
  const desk = new Desk('%%codeact\nask', 'y = 2');
  desk.onRun.set('a', () => {
    desk.turns.begin('a');
  });
  void desk.run('a');
  await settled();
  return desk;
}

function edit(desk: Desk): void {
  desk.cell('a').model.sharedModel.setSource('%%codeact\nsomething else');
}

test('nothing is said where it asks the same', async () => {
  const desk = await deskWithTurn();
  void desk.run('ab');
  expect(desk.warnings).toEqual([]);
});

test('it is said that an edited one was not asked, until the turn is over', async () => {
  const desk = await deskWithTurn();
  edit(desk);
  void desk.run('a');
  await settled();
  expect(desk.order).toBe('a');
  expect(desk.warnings).toEqual(['This prompt’s turn still runs; stop it first to ask anew.']);
  desk.turns.end('stopped');
  await settled();
  void desk.run('a');
  expect(desk.order).toBe('aa');
  expect(desk.warnings).toHaveLength(1);
});

test('a key that is held down says it no second time', async () => {
  const desk = await deskWithTurn();
  edit(desk);
  desk.isHeldDown = true;
  void desk.run('a');
  expect(desk.warnings).toEqual([]);
});
