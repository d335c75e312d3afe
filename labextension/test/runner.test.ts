import { beforeEach, describe, expect, test } from 'vitest';
import type { YNotebook } from '@jupyter/ydoc';

import { savedMetadata, setStatus } from '../src/cells/metadata';
import { CellRunner } from '../src/cells/runner';
import type { ICellSender } from '../src/cells/runner';
import { settled } from './kernel';
import { cellOf, notebookOf, runs, saved } from './notebooks';

const RUN = runs('c0');

let notebook: YNotebook;
let sends: number;
let isSent = false;

beforeEach(() => {
  notebook = notebookOf('x = 1');
  sends = 0;
  isSent = false;
});

function runner(send: ICellSender['send']): CellRunner {
  const sender: ICellSender = {
    send: (...given) => {
      sends += 1;
      return send(...given);
    }
  };
  return new CellRunner(notebook, sender, { isStopping: () => false, isSent: () => isSent });
}

test('a request is carried out once, also when its first answer was lost', async () => {
  const cells = runner((_, sent) => {
    sent();
    return new Promise(() => undefined);
  });
  expect(await cells.run(RUN)).toEqual(await cells.run({ ...RUN }));
  expect(sends).toBe(1);
  await cells.run({ ...RUN, id: 2 });
  expect(sends).toBe(2);
});

test('an action that fails after it was sent is no fault of the request', async () => {
  const cells = runner((_, sent) => {
    sent();
    return Promise.reject(new Error('ZeroDivisionError'));
  });
  expect((await cells.run(RUN)).error).toBeUndefined();
  expect(cellOf(notebook, 'c0').getMetadata('tags')).toBeUndefined();
});

test('an action that the kernel aborted is sent again, once', async () => {
  const ends: ((reason: Error) => void)[] = [];
  const cells = runner((_, sent) => {
    sent();
    return new Promise((_resolve, reject) => {
      ends.push(reject);
    });
  });
  await cells.run(RUN);
  cells.aborted('c0');
  ends[0]?.(new Error('aborted'));
  await settled();
  expect(sends).toBe(2);
  ends[1]?.(new Error('ZeroDivisionError'));
  await settled();
  expect(sends).toBe(2);
});

test('an abort from before a request makes that one no second', async () => {
  const cells = runner((_, sent) => {
    sent();
    return Promise.resolve(true);
  });
  cells.aborted('c0');
  await cells.run(RUN);
  await settled();
  expect(sends).toBe(1);
});

test.each([
  ['is not there', () => Promise.reject(new Error('no such cell')), 'no such cell'],
  ['is not run', () => Promise.resolve(false), 'JupyterLab did not run the cell.'],
  ['is empty or held', () => Promise.resolve(true), 'JupyterLab did not run the cell.']
])('a cell that %s is said so', async (_, send, text) => {
  const cells = runner(() => send());
  expect(await cells.run(RUN)).toMatchObject({ error: 'failed', text });
  expect(cellOf(notebook, 'c0').getMetadata('tags')).toBeUndefined();
});

test('a cell that the user has sent meanwhile is on its way', async () => {
  const cells = runner(() => {
    isSent = true;
    return Promise.resolve(true);
  });
  expect((await cells.run(RUN)).error).toBeUndefined();
  await cells.run({ ...RUN, id: 2 });
  expect(sends).toBe(1);
});

test('a cell that was not there yet runs when its request comes again', async () => {
  const cells = runner((_, sent) => {
    sent();
    return new Promise(() => undefined);
  });
  const early = { ...RUN, cell_id: 'late' };
  expect((await cells.run(early)).error).toBe('gone');
  notebook.addCell({ cell_type: 'code', id: 'late', source: 'x = 1' });
  expect((await cells.run(early)).error).toBeUndefined();
  expect(sends).toBe(1);
});

describe('a proposal that the kernel has run', () => {
  function status(): unknown {
    return savedMetadata(cellOf(notebook, 'c0'))?.status;
  }

  beforeEach(() => {
    cellOf(notebook, 'c0').setMetadata('codeact', saved({ status: 'proposed' }));
  });

  test('is none any more when the gate sees it', async () => {
    let seen: unknown = null;
    const cells = runner((_, sent) => {
      seen = status();
      sent();
      return Promise.resolve(true);
    });
    expect((await cells.run(RUN)).error).toBeUndefined();
    expect([seen, status()]).toEqual(['running', 'running']);
  });

  test.each([
    ['did not run', () => Promise.resolve(true)],
    ['could not be sent', () => Promise.reject(new Error('no such cell'))]
  ])('is one again where it %s', async (_, send) => {
    expect((await runner(send).run(RUN)).error).toBe('failed');
    expect(status()).toBe('proposed');
  });

  test('keeps what became of it meanwhile', async () => {
    const cells = runner(() => {
      setStatus(cellOf(notebook, 'c0'), 'interrupted');
      return Promise.resolve(false);
    });
    await cells.run(RUN);
    expect(status()).toBe('interrupted');
  });

  test('stays one for the gate where the user emptied it', async () => {
    cellOf(notebook, 'c0').setSource(' ');
    let seen: unknown = null;
    await runner(() => {
      seen = status();
      return Promise.resolve(true);
    }).run(RUN);
    expect(seen).toBe('proposed');
  });
});
