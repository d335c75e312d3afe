import { beforeEach, expect, test } from 'vitest';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { Saver } from '../src/cells/saver';
import type { SavedContext } from '../src/cells/saver';

type OnDisk = Partial<Contents.IModel>;

/** A document whose save opens a dialog wherever that of JupyterLab would. */
class Document {
  path = 'a.ipynb';
  isDisposed = false;
  readonly disposed = new Signal<unknown, void>(this);
  readonly lastModifiedCheckMargin = 500;
  readonly model = { collaborative: false, dirty: true };
  contentsModel: OnDisk = { hash: 'h', last_modified: '2026-01-01T00:00:00Z', writable: true };
  readonly saveState = new Signal<unknown, DocumentRegistry.SaveState>(this);
  saves = 0;
  fails = false;

  readonly dialogs: string[] = [];

  _handleError(error: Error, title: string): Promise<void> {
    this.dialogs.push(`${title}: ${error.message}`);
    return Promise.resolve();
  }

  readonly savedAs: string[] = [];

  rename(name: string): Promise<void> {
    this.path = name;
    return Promise.resolve();
  }

  restoreCheckpoint(): Promise<void> {
    return Promise.resolve();
  }

  reverts: string[] = [];

  async revert(): Promise<void> {
    this.reverts.push('begun');
    await Promise.resolve();
    this.reverts.push('ended');
  }

  async _raiseConflict(): Promise<void> {
    await Promise.resolve();
    await this.revert();
  }

  asks = false;

  async save(): Promise<void> {
    this.saves += 1;
    if (this.asks) {
      await this._raiseConflict();
    }
    const { path } = this;
    await Promise.resolve();
    this.savedAs.push(path === this.path ? path : `${path} or ${this.path}`);
    if (this.isDisposed) {
      void this._handleError(new Error('Disposed'), 'File Save Error');
      throw new Error('Disposed');
    }
    if (this.fails) {
      void this._handleError(new Error('No space left on device'), 'File Save Error');
      this.saveState.emit('failed');
      throw new Error('No space left on device');
    }
    this.model.dirty = false;
    this.saveState.emit('completed');
  }
}

let document: Document;
let disk: OnDisk | Error;
let saver: Saver;

beforeEach(() => {
  document = new Document();
  disk = { ...document.contentsModel };
  saver = new Saver(document as unknown as SavedContext, {
    get: () => (disk instanceof Error ? Promise.reject(disk) : Promise.resolve(disk as never))
  });
});

test('a new name waits for a save that is on its way, and the next save for the name', async () => {
  const context = document as unknown as SavedContext;
  await Promise.all([context.save(), context.rename('b.ipynb'), context.save()]);
  expect(document.savedAs).toEqual(['a.ipynb', 'b.ipynb']);
});

test('what has changed is saved, and what has not is left alone', async () => {
  await saver.save();
  await saver.save();
  expect(document.saves).toBe(1);
  expect(saver.fault).toBe('');
});

test('a file that changes between the look at it and the save is a sentence, not a question', async () => {
  document.asks = true;
  const states: unknown[] = [];
  document.saveState.connect((_, state) => states.push(state));
  await saver.save();
  expect(states).toEqual(['failed']);
  expect(saver.fault).toMatch(/"a.ipynb" was changed on disk by another program/);
  expect([document.saves, document.reverts, document.dialogs]).toEqual([1, [], []]);
  await (document as unknown as SavedContext).save(); // the user is asked, as ever
  expect([document.reverts, saver.fault]).toEqual([['begun', 'ended'], '']);
});

test('saves never overlap, and what was changed during one is saved after it', async () => {
  const first = saver.save();
  void saver.save();
  while (document.saves === 0) {
    await Promise.resolve();
  }
  const second = saver.save();
  const third = saver.save();
  expect(document.saves).toBe(1);
  await Promise.all([first, second, third]);
  expect(document.saves).toBe(2);
});

test.each([
  ['was changed on disk', { hash: 'other', writable: true }],
  ['was changed on disk', { last_modified: '2026-01-01T00:00:02Z', writable: true }],
  ['is read-only', { hash: 'h', writable: false }],
  ['the server does not answer', new Error('Failed to fetch')]
])('a file that %s is a sentence, not a dialog', async (words, found) => {
  disk = found;
  await saver.save();
  expect(document.saves).toBe(0);
  expect(saver.fault).toContain(`"a.ipynb" `);
  expect(saver.fault).toContain(words);
});

test('the sentence goes when a save went well, whoever made it', async () => {
  disk = { hash: 'other', writable: true };
  await saver.save();
  let changes = 0;
  saver.changed.connect(() => {
    changes += 1;
  });
  await document.save();
  expect(saver.fault).toBe('');
  expect(changes).toBe(1);
});

test('a file that was deleted is written again, as JupyterLab does', async () => {
  disk = Object.assign(new Error('404'), { response: { status: 404 } });
  await saver.save();
  expect(document.saves).toBe(1);
});

test('what pages share is left to the server, which saves it', async () => {
  document.model.collaborative = true;
  disk = { hash: 'other', writable: true };
  await saver.saved();
  expect(document.saves).toBe(0);
});

test('after a save that failed in its dialog nothing is tried until one went well', async () => {
  document.fails = true;
  await saver.save();
  await saver.save();
  expect(document.saves).toBe(1);
  expect(document.dialogs).toEqual(['File Save Error: No space left on device']);
  expect(saver.fault).toMatch(/could not be saved \(No space left on device\)/);
  document.fails = false;
  await document.save();
  document.model.dirty = true;
  await saver.save();
  expect(document.saves).toBe(3);
});

test('a save that is asked for just after a needless one is not lost', async () => {
  document.model.dirty = false;
  void saver.save();
  await Promise.resolve();
  document.model.dirty = true;
  await saver.save();
  await saver.save();
  expect(document.saves).toBe(1);
});

test('what was changed during a save of somebody else is saved after it', async () => {
  const theirs = document.save();
  const mine = saver.save(); // it is dirty until theirs ends
  await Promise.all([theirs, mine]);
  expect(document.saves).toBe(2);
});

test.each([
  ['the server is out of reach', () => (disk = new Error('Failed to fetch'))],
  ['the save fails', () => (document.fails = true)]
])('where %s it counts as saved only once a save went well', async (_, breaks) => {
  breaks();
  let saved = false;
  const done = saver.saved().then(() => (saved = true));
  await saver.save();
  await Promise.resolve();
  expect(saved).toBe(false);
  document.fails = false;
  await document.save();
  await done;
});

test('a save whose turn comes after the notebook was closed is dropped', async () => {
  const first = document.save();
  const second = document.save();
  document.isDisposed = true;
  await Promise.all([first, second]);
  expect(document.saves).toBe(0);
});

test('a save that the closing of the notebook overtakes opens no dialog', async () => {
  const done = saver.save();
  while (document.saves === 0) {
    await Promise.resolve();
  }
  document.isDisposed = true;
  await done;
  expect(document.dialogs).toEqual([]);
});

test('a notebook that is closed while it cannot be saved is waited for no longer', async () => {
  disk = new Error('Failed to fetch');
  const done = saver.saved();
  await saver.save();
  document.isDisposed = true;
  document.disposed.emit(undefined);
  await done;
  expect(saver.fault).toBe('');
});

test('the file is not read while it is saved', async () => {
  const context = document as unknown as SavedContext;
  const saved = context.save();
  const reverted = context.revert();
  await saved;
  expect(document.reverts).toEqual([]);
  await reverted;
  expect(document.reverts).toEqual(['begun', 'ended']);
});

test('a save in which the user chooses what stands on disk reads that', async () => {
  document.asks = true;
  await (document as unknown as SavedContext).save();
  expect(document.reverts).toEqual(['begun', 'ended']);
});

test('what was read anew has no fault, and is told of before that is', async () => {
  disk = { hash: 'other', writable: true };
  await saver.save();
  const told: string[] = [];
  saver.reverted.connect(() => told.push(`reverted, ${String(saver.reverting)}`));
  saver.changed.connect(() => told.push(`fault ${JSON.stringify(saver.fault)}`));
  await (document as unknown as SavedContext).revert();
  expect(told).toEqual(['reverted, false', 'fault ""']);
});
