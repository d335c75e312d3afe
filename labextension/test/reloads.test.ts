/** Turns that began before this page was loaded, and actions that outlived theirs. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ISharedCodeCell } from '@jupyter/ydoc';

import { isUnapproved } from '../src/cells/metadata';
import { INSIST } from '../src/protocol/link';
import { acknowledged, settled } from './kernel';
import { card, cellOf, idsOf, indexOf, metadata, place, saved } from './notebooks';
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
  shownCards,
  start,
  turns,
  welcome
} from './stage';

beforeEach(setStage);

describe('an action that runs without its turn', () => {
  function status(): unknown {
    return (cellOf(notebook, 'old').getMetadata('codeact') as { status: string }).status;
  }

  beforeEach(() => {
    const codeact = saved({ status: 'proposed', turn: 't0' });
    notebook.addCell({ cell_type: 'code', id: 'old', source: 'x', metadata: { codeact } });
  });

  test('says how that went, and is no proposal any more', () => {
    start();
    kernel.execute('old');
    expect(status()).toBe('running');
    kernel.reply('old', 'error');
    expect(status()).toBe('error');
    kernel.execute('old');
    kernel.reply('old', 'error', 'KeyboardInterrupt');
    expect(status()).toBe('interrupted');
    kernel.execute('old');
    kernel.reply('old');
    expect(status()).toBe('ok');
  });

  test('says that it did not where the kernel refused it, and is protected as before', () => {
    kernel.execute('old');
    (cellOf(notebook, 'old') as ISharedCodeCell).execution_count = 4;
    const error = { output_type: 'error', ename: 'InputRejected', evalue: '', traceback: [] };
    (cellOf(notebook, 'old') as ISharedCodeCell).setOutputs([error]);
    kernel.reply('old', 'error', 'InputRejected');
    expect(status()).toBe('stopped');
    expect(isUnapproved(cellOf(notebook, 'old'))).toBe(true);
  });

  test('stays when %load_ext comes after it, with what came of it', () => {
    const prompt = { role: 'prompt', step: 0, status: 'running', turn: 't0' } as const;
    cellOf(notebook, 'c0').setMetadata('codeact', saved(prompt));
    (cellOf(notebook, 'old') as ISharedCodeCell).execution_count = 4;
    welcome();
    expect(idsOf(notebook)).toContain('old');
    expect(status()).toBe('ok');
  });
});

describe('after a page reload', () => {
  beforeEach(() => {
    start();
    propose();
    reload();
  });

  test('a running turn goes on, and its proposal is watched', () => {
    welcome('t1');
    expect(turns.running).toMatchObject({ id: 't1', promptId: 'c0' });
    notebook.deleteCell(indexOf(notebook, 'a1'));
    expect(said('gone')).toMatchObject([{ cell_id: 'a1' }]);
  });

  test('one that another tab has ends here with the card alone', async () => {
    welcome('t1');
    const turn = turns.running;
    const { saves } = panel;
    const ended = card({ state: 'ended', ending: 'answered' });
    kernel.say({ kind: 'turn.card', card: ended });
    expect(turns.running).toBeNull();
    expect(await turn?.done).toBe('answered');
    expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({ status: 'answered' });
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'c1']);
    expect(panel.saves).toBe(saves);
  });

  test('a turn that the kernel does not know any more is ended', () => {
    welcome();
    expect(turns.running).toBeNull();
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
    expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({ status: 'stopped' });
  });

  test('a cell that is placed takes the turn up', () => {
    cellOf(notebook, 'c0').deleteMetadata('codeact');
    welcome('t1');
    kernel.say({ ...place('a2'), id: next() });
    expect(turns.ofPrompt('c0')?.id).toBe('t1');
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'a2', 'c1']);
  });
});

describe('the end of another turn, told while one runs', () => {
  /** As it is said again to a page that was loaded since; that turn was the prompt's before. */
  function endOther(prompt_id: string): void {
    const about = metadata({ role: 'prompt', step: 0, status: 'answered', turn: 't0' });
    const ended = card({ turn: 't0', prompt_id, state: 'ended', ending: 'answered' });
    kernel.say({ kind: 'turn.ended', id: next(), prompt_id, metadata: about, card: ended });
  }

  beforeEach(() => {
    start();
  });

  test.each(['c0', 'c1'])('at %s, leaves its proposal and its prompt watched', prompt => {
    propose();
    kernel.sent.length = 0;
    endOther(prompt);
    expect(turns.running?.id).toBe('t1');
    expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({
      turn: 't1',
      status: 'running'
    });
    expect(shownCards()).toEqual([]);
    notebook.deleteCell(indexOf(notebook, 'a1'));
    notebook.deleteCell(0);
    expect(said('gone')).toMatchObject([{ cell_id: 'a1' }, { cell_id: 'c0' }]);
  });

  test('leaves known what it wrote into a cell where the user types', () => {
    kernel.say({ ...place('a1', { source: 'x = 1' }), id: next() });
    cellOf(notebook, 'a1').updateSource(0, 0, '# mine\n');
    endOther('c1');
    kernel.say({ kind: 'cell.text', cell_id: 'a1', at: 5, text: '\ny = 2' });
    expect(cellOf(notebook, 'a1').getSource()).toBe('# mine\nx = 1\ny = 2');
  });

  test('that the kernel does not know any more, leaves it watched, too', () => {
    propose();
    const prompt = { role: 'prompt', step: 0, status: 'running', turn: 't0' } as const;
    cellOf(notebook, 'c1').setMetadata('codeact', saved(prompt));
    reload();
    welcome('t1');
    expect(cellOf(notebook, 'c1').getMetadata('codeact')).toMatchObject({ status: 'stopped' });
    notebook.deleteCell(indexOf(notebook, 'a1'));
    notebook.deleteCell(0);
    expect(said('gone')).toMatchObject([{ cell_id: 'a1' }, { cell_id: 'c0' }]);
  });
});

describe('after the file was read again', () => {
  function revert(): void {
    const { saver } = panel;
    saver.reverting = true;
    notebook.fromJSON(before);
    saver.reverting = false;
    saver.reverted.emit(undefined);
  }

  let before: Parameters<typeof notebook.fromJSON>[0];

  function file(): typeof before {
    return { ...notebook.toJSON(), metadata: {}, nbformat: 4, nbformat_minor: 5 };
  }

  beforeEach(() => {
    before = file();
    start();
    propose();
  });

  test('nothing that it lacks was deleted by the user, and the kernel is asked to tell all', () => {
    kernel.sent.length = 0;
    revert();
    expect(kernel.sent).toMatchObject([{ kind: 'hello' }]);
    welcome('t1');
    propose();
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'c1']);
    kernel.say({ kind: 'turn.card', card: card({ state: 'waiting' }) });
    expect(shownCards()).toMatchObject([{ state: 'waiting' }]);
    notebook.deleteCell(1);
    expect(said('gone')).toMatchObject([{ cell_id: 'a1' }]);
  });

  test('what the kernel had replied to before is carried out again', () => {
    const again = { ...place('a2'), id: next() };
    kernel.say(again);
    revert();
    welcome('t1');
    kernel.say(again);
    expect(idsOf(notebook)).toContain('a2');
  });

  test('what the kernel says before it has heard of that is left for it to say again', async () => {
    await acknowledged();
    kernel.sent.length = 0;
    end();
    revert(); // before the end is replied to, and while another request is on its way
    kernel.say({ ...place('a2'), id: next() });
    await acknowledged();
    expect(said('reply')).toEqual([]);
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
    welcome('t1');
    propose();
    await acknowledged();
    expect(said('reply')).toHaveLength(2);
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'c1']);
  });

  test('the kernel is told so until it has welcomed us again', async () => {
    vi.useFakeTimers();
    kernel.sent.length = 0;
    kernel.status = 'busy';
    revert();
    await vi.advanceTimersByTimeAsync(3 * INSIST);
    expect(said('hello')).toHaveLength(1);
    kernel.status = 'idle'; // and the welcome was lost in a flood of outputs
    await vi.advanceTimersByTimeAsync(INSIST);
    expect(said('hello')).toHaveLength(2);
    welcome('t1');
    await vi.advanceTimersByTimeAsync(3 * INSIST);
    expect(said('hello')).toEqual([]); // none since
    vi.useRealTimers();
  });

  test('a prompt whose turn ended meanwhile does not say that it runs', () => {
    before = file();
    end();
    revert();
    expect(cellOf(notebook, 'c0').getMetadata('codeact')).toMatchObject({ status: 'stopped' });
  });
});

test('a page connects anew where another one restarted the kernel, which may know us since', async () => {
  kernel.restart();
  kernel.connectionStatusChanged.emit('connecting');
  kernel.loaded = true; // and nobody here heard so
  kernel.connectionStatusChanged.emit('connected');
  await settled();
  welcome();
  expect(turns.connected).toBe(true);
});
