/** Saves the notebook without ever asking the user anything. */
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { trans } from '../translation';

/** What is used of a notebook's document. */
export type SavedContext = Pick<
  DocumentRegistry.IContext<DocumentRegistry.IModel>,
  | 'contentsModel'
  | 'disposed'
  | 'isDisposed'
  | 'lastModifiedCheckMargin'
  | 'path'
  | 'rename'
  | 'restoreCheckpoint'
  | 'revert'
  | 'save'
  | 'saveState'
> & { readonly model: Pick<DocumentRegistry.IModel, 'collaborative' | 'dirty'> };

type OnDisk = Pick<Contents.IModel, 'hash' | 'last_modified' | 'writable'>;

/**
 * Saves one notebook, one save at a time.
 *
 * `context.save()` opens a dialog when the file has changed on disk and when a save fails.
 * What makes it do so is looked up first, as it does itself (`DocumentContext._maybeSave`):
 * a file that is read-only, changed or out of reach is a sentence, and is not saved. What
 * fails after that (a full disk) shows JupyterLab's own dialog once; then nothing is saved
 * here until a save went well.
 *
 * A save that begins while another one is on its way takes what that one wrote for a change
 * by somebody else, and asks; so does one that meets a new name on its way, and a file that is
 * read while it is written is none. So all saves of the notebook go in turn from now on, also
 * those of the user and of JupyterLab itself, and with them his new names and his ways back to
 * what the file held.
 *
 * What pages share the server writes by itself; a save would take that for somebody else's change.
 */
export class Saver {
  constructor(
    private readonly context: SavedContext,
    private readonly contents: Pick<Contents.IManager, 'get'>
  ) {
    context.saveState.connect(this.onSaveState, this);
    context.disposed.connect(() => {
      this.say(''); // nobody is left to save it
    });
    const queued = context as Pick<
      SavedContext,
      'save' | 'rename' | 'restoreCheckpoint' | 'revert'
    >;
    const save = context.save.bind(context);
    queued.save = this.inTurn(save);
    this.saveUnasked = this.inTurn(this.unasked.bind(this, save));
    queued.rename = this.inTurn(context.rename.bind(context));
    queued.restoreCheckpoint = this.inTurn(context.restoreCheckpoint.bind(context));
    const revert = this.revert.bind(this, context.revert.bind(context));
    const inTurn = this.inTurn(revert);
    queued.revert = () => (this.asking ? revert() : inTurn());
    this.asking = !this.watchQuestions();
    quietOnceClosed(context);
  }

  /** One sentence about a save that failed, or ''. */
  get fault(): string {
    return this.sentence;
  }

  /** Emitted when the fault has changed. */
  get changed(): ISignal<this, void> {
    return this.changedSignal;
  }

  /** Emitted when the file was read anew, and stands in the notebook as it was. */
  get reverted(): ISignal<this, void> {
    return this.revertedSignal;
  }

  /** Whether it is being read anew: what the notebook loses now, the user did not delete. */
  get reverting(): boolean {
    return this.reads;
  }

  /** Save what stands in the notebook now. Resolves also when that failed. */
  save(): Promise<void> {
    if (this.context.model.collaborative) {
      return Promise.resolve();
    }
    this.wanted = true;
    this.running ??= this.saveAll();
    return this.running;
  }

  /**
   * Save, and resolve once that went well, if only because the user saved it himself. One
   * that was closed meanwhile is saved no more, and resolves, too.
   */
  async saved(): Promise<void> {
    await this.save();
    while (this.fault !== '' && !this.context.isDisposed) {
      await new Promise<void>(resolve => {
        const again = (): void => {
          this.changedSignal.disconnect(again);
          resolve();
        };
        this.changedSignal.connect(again);
      });
    }
  }

  private inTurn<A extends unknown[]>(
    act: (...given: A) => Promise<void>
  ): (...given: A) => Promise<void> {
    return (...given) => {
      // one whose turn comes after the notebook was closed would open a dialog: "Disposed"
      const mine = this.earlier.then(() => (this.context.isDisposed ? undefined : act(...given)));
      this.earlier = mine.catch(() => undefined);
      return mine;
    };
  }

  private async revert(read: () => Promise<void>): Promise<void> {
    this.reads = true;
    try {
      await read();
    } finally {
      this.reads = false;
    }
    this.broken = false;
    this.revertedSignal.emit(); // before who waits for a save hears that there is no fault
    this.say('');
  }

  /** A save of ours: it goes no further than where JupyterLab would ask. */
  private async unasked(save: () => Promise<void>): Promise<void> {
    this.ours = true;
    try {
      await save();
    } finally {
      this.ours = false;
    }
  }

  /**
   * A save that finds the file changed asks, and reads it itself where the user wants that: then
   * that must not wait for the end of the save. One of ours never asks: another page may have
   * written the file since we looked.
   *
   * @returns Whether that can be seen, by a private method of JupyterLab 4.
   */
  private watchQuestions(): boolean {
    const asks = this.context as { _raiseConflict?: (...given: unknown[]) => Promise<unknown> };
    const ask = asks._raiseConflict?.bind(this.context);
    if (!ask) {
      return false;
    }
    asks._raiseConflict = async (...given) => {
      if (this.ours) {
        throw new ChangedOnDisk();
      }
      this.asking = true;
      try {
        return await ask(...given);
      } finally {
        this.asking = false;
      }
    };
    return true;
  }

  private async saveAll(): Promise<void> {
    let changed = false;
    while (this.wanted && !this.context.isDisposed) {
      // a save that ends calls the notebook clean, also of what was changed during it
      changed ||= this.context.model.dirty;
      await this.earlier;
      const needed: boolean = changed || this.context.model.dirty;
      const obstacle = needed ? await this.obstacle() : '';
      // what is asked for until here is in this save, and later is the next one's
      this.wanted = false;
      await this.saveOnce(needed, obstacle);
      changed = needed;
    }
    this.running = null;
  }

  private async saveOnce(needed: boolean, obstacle: string): Promise<void> {
    try {
      await (needed && obstacle === '' ? this.saveUnasked() : null);
      this.say(obstacle);
    } catch (error) {
      if (error instanceof ChangedOnDisk) {
        fail(this.context); // JupyterLab leaves "Saving started" in its status bar
        this.say(this.changedOnDisk);
        return;
      }
      this.broken = true;
      this.say(
        trans.__('%1 could not be saved (%2); save it yourself to go on.', this.name, words(error))
      );
    }
  }

  /** What would make JupyterLab ask the user, or ''. */
  private async obstacle(): Promise<string> {
    if (this.broken) {
      return this.sentence;
    }
    const known = this.context.contentsModel;
    if (!known) {
      return '';
    }
    let disk: OnDisk;
    try {
      disk = await this.contents.get(this.context.path, { content: false, hash: true });
    } catch (error) {
      return isMissing(error)
        ? ''
        : trans.__('%1 was not saved: the server does not answer (%2).', this.name, words(error));
    }
    if (!known.writable || !disk.writable) {
      return trans.__(
        '%1 is read-only, so it was not saved; save it under another name.',
        this.name
      );
    }
    const margin = this.context.lastModifiedCheckMargin;
    return hasChanged(known, disk, margin) ? this.changedOnDisk : '';
  }

  private onSaveState(_: unknown, state: DocumentRegistry.SaveState): void {
    if (state === 'completed') {
      this.broken = false;
      this.say('');
    }
  }

  private say(sentence: string): void {
    if (sentence !== this.sentence) {
      this.sentence = sentence;
      this.changedSignal.emit();
    }
  }

  private get changedOnDisk(): string {
    return trans.__(
      '%1 was changed on disk by another program, so it was not saved; ' +
        'save it yourself to choose which one stays.',
      this.name
    );
  }

  private get name(): string {
    return JSON.stringify(this.context.path);
  }

  private sentence = '';
  /** A save failed after everything was looked up. */
  private broken = false;
  private wanted = false;
  private asking: boolean;
  private ours = false;
  private reads = false;
  /** The saves and new names that were begun, also by others; never rejects. */
  private earlier: Promise<unknown> = Promise.resolve();
  private readonly saveUnasked: () => Promise<void>;
  private running: Promise<void> | null = null;
  private readonly changedSignal = new Signal<this, void>(this);
  private readonly revertedSignal = new Signal<this, void>(this);
}

/** Ends a save where it would ask; by this name `DocumentContext._save` shows no dialog for it. */
class ChangedOnDisk extends Error {
  override readonly name = 'ModalCancelError';
}

/**
 * A save that is on its way when the notebook is closed opens a dialog, "File Save Error:
 * Disposed", of which nobody can do anything. What saves as often as we do would open it often.
 */
function quietOnceClosed(context: SavedContext): void {
  // a private method of JupyterLab 4; where it goes, the dialog is there again, and no more
  const shows = context as { _handleError?: (error: unknown, title: string) => Promise<void> };
  const show = shows._handleError?.bind(context);
  if (show) {
    shows._handleError = (error, title) =>
      context.isDisposed ? Promise.resolve() : show(error, title);
  }
}

/** Have JupyterLab say that a save failed; its state is a signal of the context's own. */
function fail({ saveState }: SavedContext): void {
  (saveState as unknown as { emit: (state: DocumentRegistry.SaveState) => void }).emit('failed');
}

function hasChanged(known: OnDisk, disk: OnDisk, margin: number): boolean {
  if (known.hash && disk.hash) {
    return known.hash !== disk.hash;
  }
  return Date.parse(disk.last_modified) - Date.parse(known.last_modified) > margin;
}

function isMissing(error: unknown): boolean {
  return (error as { response?: { status?: number } }).response?.status === 404;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
