/** What the kernel says again, as after a cut or a rename, undoes nothing that the user did since. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ISharedCodeCell } from '@jupyter/ydoc';

import { fingerprint } from '../src/cells/fingerprint';
import type { CellRemove } from '../src/protocol/messages';
import { cellOf, idsOf, indexOf, metadata } from './notebooks';
import { kernel, next, notebook, propose, reload, setStage, start, turns, welcome } from './stage';

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
