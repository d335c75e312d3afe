/** A move of a cell deletes its widget and makes another one; the cell is held all the same. */
import { expect, test } from 'vitest';

import { card, Desk, settled } from './standins';

const PROMPT = '%%codeact\nask';

/** A prompt whose turn runs, a prompt and a cell that are held behind it. */
async function deskWithHeld(): Promise<Desk> {
  const desk = new Desk(PROMPT, PROMPT, 'z = 3');
  for (const id of 'ab') {
    desk.onRun.set(id, () => {
      desk.cell(id).outputs.show(card(id));
      desk.turns.begin(id);
    });
  }
  void desk.run('abc');
  await settled();
  return desk;
}

async function end(desk: Desk): Promise<void> {
  desk.turns.end('answered');
  await settled();
}

test.each(['b', 'c', 'bbc'])('%s is moved, still waits, and runs in its turn', async moved => {
  const desk = await deskWithHeld();
  for (const id of moved) {
    desk.move(id);
    await settled();
  }
  expect(Array.from(desk.starred).sort()).toEqual(['b', 'c']);
  await end(desk);
  expect(desk.order).toBe('ab');
  await end(desk);
  expect(desk.order).toBe('abc');
  expect(desk.starred).toBe('');
});

test('a cell that is moved at the moment in which the turn ends runs', async () => {
  const desk = await deskWithHeld();
  desk.turns.end('answered');
  desk.move('b');
  await settled();
  await end(desk);
  expect(desk.order).toBe('abc');
});

test('a moved cell does not run behind a turn that was stopped, and is not starred', async () => {
  const desk = await deskWithHeld();
  desk.move('c');
  await settled();
  desk.turns.end('stopped');
  await settled();
  expect(desk.order).toBe('a');
  expect(desk.starred).toBe('');
});

test('a cell that is deleted after its move lets the others go on', async () => {
  const desk = await deskWithHeld();
  desk.move('b');
  await settled();
  desk.remove('b');
  await end(desk);
  expect(desk.order).toBe('ac');
});
