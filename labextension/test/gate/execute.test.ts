/** The gate in front of `CodeCell.execute`, where another executor won. */
import type { CodeCell } from '@jupyterlab/cells';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { JSONObject } from '@lumino/coreutils';
import { expect, test } from 'vitest';

import { card, Desk, settled } from './standins';

type Execute = typeof CodeCell.execute;
type Reply = NonNullable<Awaited<ReturnType<Execute>>>;

function behindOther(desk: Desk): (id: string, metadata?: JSONObject) => ReturnType<Execute> {
  const execute: Execute = async (cell, _, metadata) => {
    const { id } = cell.model;
    desk.ran.push(id);
    desk.requests.set(id, metadata ?? {});
    await Promise.resolve();
    desk.onRun.get(id)?.();
    return { content: { status: 'ok' } } as Reply;
  };
  const gated = desk.gate.inFrontOf(execute);
  return (id, metadata) =>
    gated(
      desk.cell(id) as unknown as CodeCell,
      desk.session as unknown as ISessionContext,
      metadata
    );
}

test('it holds, marks and releases as the executor does', async () => {
  const desk = new Desk('%%codeact\nask', 'y = 2');
  desk.onRun.set('a', () => {
    desk.cell('a').outputs.show(card('a'));
    desk.turns.begin('a');
  });
  const execute = behindOther(desk);
  const runs = [execute('a', { recordTiming: true }), execute('b')];
  await settled();
  expect(desk.order).toBe('a');
  expect(desk.requests.get('a')).toMatchObject({
    recordTiming: true,
    codeact: { front: { client: 'this tab' } }
  });
  desk.turns.end('answered');
  await Promise.all(runs);
  expect(desk.order).toBe('ab');
});

test('what is not run counts as taken back, as JupyterLab knows it', async () => {
  const desk = new Desk('%%codeact\nask', 'y = 2');
  desk.onRun.set('a', () => {
    desk.turns.begin('a');
  });
  const execute = behindOther(desk);
  void execute('a');
  const held = execute('b');
  await settled();
  desk.turns.end('stopped');
  await expect(held).rejects.toThrow(/^Canceled/);
});

test('a proposal that Run All skips is no failure', async () => {
  const desk = new Desk('x = 1', 'rm()');
  desk.mark('b', { role: 'action', status: 'proposed' });
  const execute = behindOther(desk);
  const [, proposal] = await Promise.all([execute('a'), execute('b')]);
  expect(proposal).toBeUndefined();
  expect(desk.order).toBe('a');
});
