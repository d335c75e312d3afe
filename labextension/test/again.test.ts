/** What the kernel says again, as after a cut or a rename, undoes nothing that the user did since. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ISharedCodeCell } from '@jupyter/ydoc';

import { fingerprint } from '../src/cells/fingerprint';
import { removeTurn, tidyTurn } from '../src/cells/tidy';
import type { CellMark, CellPlace, CellRemove } from '../src/protocol/messages';
import { tagsOf } from '../src/cells/metadata';
import { cellOf, idsOf, indexOf, metadata, place } from './notebooks';
import {
  end,
  kernel,
  next,
  notebook,
  propose,
  reload,
  setStage,
  start,
  turns,
  welcome
} from './stage';

const CODE = 'x = 1';

beforeEach(() => {
  setStage();
  start();
  propose('a1', CODE);
});

function status(): unknown {
  return (cellOf(notebook, 'a1').getMetadata('codeact') as { status: string }).status;
}

function removal(status: string): CellRemove {
  const kept = metadata({ status, fingerprint: fingerprint(CODE) });
  const print = fingerprint(CODE);
  return { kind: 'cell.remove', id: next(), cell_id: 'a1', fingerprint: print, metadata: kept };
}

function mark(status: string, passes = false): CellMark {
  const kept = metadata({ status, fingerprint: fingerprint(CODE) });
  return { kind: 'cell.mark', id: next(), cell_id: 'a1', metadata: kept, passes };
}

function begin(): void {
  kernel.execute('a1');
  kernel.begin('a1');
}

function run(result: 'ok' | 'error' = 'ok'): void {
  begin();
  (cellOf(notebook, 'a1') as ISharedCodeCell).execution_count = 7;
  kernel.reply('a1', result);
}

function deleteAction(): void {
  notebook.deleteCell(indexOf(notebook, 'a1'));
}

describe('that an action is to go', () => {
  test('takes nothing from the user who brought it back and ran it', () => {
    deleteAction();
    kernel.say(removal('rejected'));
    notebook.undo();
    run();
    kernel.say(removal('rejected'));
    expect(idsOf(notebook)).toContain('a1');
    expect(status()).toBe('ok');
  });

  test('takes nothing from the user who runs what he rejected', () => {
    kernel.say(removal('rejected'));
    expect(idsOf(notebook)).not.toContain('a1');
    notebook.undo();
    begin();
    kernel.say(removal('rejected'));
    expect(idsOf(notebook)).toContain('a1');
  });

  test('takes nothing that he runs before the kernel heard of its deletion', () => {
    deleteAction();
    notebook.undo();
    begin();
    kernel.say(removal('rejected'));
    expect(idsOf(notebook)).toContain('a1');
  });

  test('takes nothing that ran before the page was loaded', () => {
    kernel.say(removal('rejected'));
    notebook.undo();
    run();
    reload();
    welcome('t1');
    kernel.say(removal('rejected'));
    expect(idsOf(notebook)).toContain('a1');
  });

  test('takes it where it was sent, and the kernel refuses to run it', () => {
    kernel.execute('a1');
    expect(turns.isSent('a1')).toBe(true);
    kernel.say(removal('stopped'));
    expect(idsOf(notebook)).not.toContain('a1');
  });
});

describe('what came of an action', () => {
  test('is what came of its last run, also while its turn goes on', () => {
    run('error');
    kernel.say(mark('error', true));
    run();
    expect(status()).toBe('ok');
    expect(tagsOf(cellOf(notebook, 'a1'))).toEqual([]);
    kernel.say(mark('error', true));
    expect(status()).toBe('ok');
    expect(tagsOf(cellOf(notebook, 'a1'))).toEqual([]);
    end();
    expect(tidyTurn(notebook, 't1')).toBe(0);
  });

  test('is what came of its last run where the user was faster than its turn', () => {
    run('error');
    run();
    kernel.say(mark('error', true));
    expect(status()).toBe('ok');
    expect(tagsOf(cellOf(notebook, 'a1'))).toEqual([]);
  });

  test.each(['refused', 'stopped'])('that was %s and brought back is known', fate => {
    kernel.say(removal(fate));
    notebook.undo();
    run();
    expect(status()).toBe('ok');
  });

  test('is for its turn to say the first time', () => {
    run('error');
    expect(status()).toBe('running');
    kernel.say(mark('timed_out', true));
    expect(status()).toBe('timed_out');
    expect(tagsOf(cellOf(notebook, 'a1'))).toEqual(['raises-exception']);
  });

  test('is not that it waits, once the user has run it', () => {
    kernel.say(mark('proposed'));
    begin();
    kernel.say(mark('proposed'));
    expect(status()).toBe('running');
  });
});

describe('that a cell is there', () => {
  const again = (): CellPlace => ({
    ...place('a1', { source: CODE, metadata: { status: 'ok' } }),
    id: next()
  });

  test.each([false, true])('brings back nothing that the user deleted (reloaded: %s)', anew => {
    run();
    kernel.say(mark('ok'));
    if (anew) {
      reload();
      welcome('t1');
      kernel.say(again());
    }
    end();
    removeTurn(notebook, 't1');
    kernel.say(again());
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
  });

  test('brings back nothing that was set aside', () => {
    run();
    kernel.say(mark('ok'));
    end();
    start({ turn: 't2' }, 't1');
    kernel.say({ ...again(), cell_id: 'b1', metadata: metadata({ turn: 't2' }) });
    kernel.say(again());
    expect(idsOf(notebook)).toEqual(['c0', 'b1', 'c1']);
  });

  test('brings nothing whose removal was heard before', () => {
    kernel.say({ ...removal('stopped'), cell_id: 'a2' });
    kernel.say({ ...again(), cell_id: 'a2' });
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'c1']);
  });

  test('brings back what the end of its turn took, because its own end was lost', () => {
    end();
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
    kernel.say(again());
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'c1']);
  });
});
