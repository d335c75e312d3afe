/**
 * Which notebook the sidebar is about, and how it stands with its kernel.
 *
 * It follows the notebook that the user was in last, and says when anything that the panel
 * shows may have changed. It does nothing in the notebook; that is {@link SidebarDeeds}.
 */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { INotebookTurns, ITurns } from '../tokens';
import { Transcript } from './transcript';

/** How far a message can get. */
export type Connection =
  | 'none' // no notebook is open
  | 'starting' // its kernel is not there yet, or was not heard of
  | 'dead' // it has no kernel
  | 'unloaded' // the kernel runs without our package
  | 'connected';

/** One notebook as the sidebar sees it. */
export interface IConversation {
  readonly panel: NotebookPanel;
  readonly turns: INotebookTurns;
  /** null while nobody sees the sidebar. */
  readonly transcript: Transcript | null;
}

export class SidebarModel {
  constructor(
    private readonly tracker: INotebookTracker,
    private readonly turns: ITurns
  ) {
    tracker.currentChanged.connect(this.follow, this);
    turns.changed.connect((_, changed) => {
      if (changed === this.conversation?.turns) {
        this.emit();
      }
    });
    this.follow();
  }

  /** Emitted when anything below, or in the transcript, may have changed. */
  get changed(): ISignal<this, void> {
    return this.changedSignal;
  }

  /** The notebook that a message goes to, or null. */
  get conversation(): IConversation | null {
    return this.current;
  }

  /** Whether the sidebar is seen; while it is not, no cell is read. */
  set visible(visible: boolean) {
    if (visible !== this.seen) {
      this.seen = visible;
      const { current } = this;
      if (current !== null) {
        this.enter(current.panel);
      }
    }
  }

  get connection(): Connection {
    const { current } = this;
    if (current === null) {
      return 'none';
    }
    if (current.turns.connected) {
      return 'connected';
    }
    const { sessionContext } = current.panel;
    if (!sessionContext.isReady) {
      return 'starting';
    }
    const kernel = sessionContext.session?.kernel ?? null;
    if (kernel === null || kernel.status === 'dead') {
      return 'dead';
    }
    return kernel.status === 'unknown' || kernel.status.endsWith('starting')
      ? 'starting'
      : 'unloaded';
  }

  private follow(): void {
    const panel = this.tracker.currentWidget;
    if (panel === (this.current?.panel ?? null)) {
      return;
    }
    this.leave();
    if (panel !== null) {
      void panel.context.ready.then(() => {
        if (!panel.isDisposed && this.tracker.currentWidget === panel) {
          this.enter(panel);
        }
      });
    }
    this.emit();
  }

  private enter(panel: NotebookPanel): void {
    this.leave();
    const transcript = this.seen ? new Transcript(panel.context.model.sharedModel) : null;
    this.current = { panel, turns: this.turns.of(panel), transcript };
    transcript?.changed.connect(this.emit, this);
    panel.context.pathChanged.connect(this.emit, this);
    panel.sessionContext.statusChanged.connect(this.emit, this);
    panel.sessionContext.kernelChanged.connect(this.emit, this);
    panel.content.activeCellChanged.connect(this.emit, this);
    panel.disposed.connect(this.follow, this);
    this.emit();
  }

  private leave(): void {
    const { current } = this;
    this.current = null;
    if (current !== null) {
      const { panel, transcript } = current;
      transcript?.dispose();
      if (!panel.isDisposed) {
        panel.disposed.disconnect(this.follow, this);
        panel.context.pathChanged.disconnect(this.emit, this);
        panel.sessionContext.statusChanged.disconnect(this.emit, this);
        panel.sessionContext.kernelChanged.disconnect(this.emit, this);
        panel.content.activeCellChanged.disconnect(this.emit, this);
      }
    }
  }

  private emit(): void {
    this.changedSignal.emit();
  }

  private seen = false;
  private current: IConversation | null = null;
  private readonly changedSignal = new Signal<this, void>(this);
}
