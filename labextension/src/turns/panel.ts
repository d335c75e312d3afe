/** An open notebook as the place of turns, in all its panels. */
import { Notification, SessionContextDialogs } from '@jupyterlab/apputils';
import type { ISessionContext } from '@jupyterlab/apputils';
import { CodeCell, MarkdownCell } from '@jupyterlab/cells';
import type { Cell, ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { ITranslator } from '@jupyterlab/translation';
import type { ISharedNotebook } from '@jupyter/ydoc';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { Saver } from '../cells/saver';
import { PanelSender } from '../cells/sender';
import type { ExecutorSource } from '../cells/sender';
import type { ICardOutputs } from './cards';
import type { INotebookPlace, PlaceKernel } from './place';

/** What the application gives to all panels. */
export interface IPanelServices {
  readonly contents: Contents.IManager;
  readonly executor: ExecutorSource;
  readonly translator: ITranslator | null;
}

export class PanelPlace implements INotebookPlace {
  constructor(panel: NotebookPanel, services: IPanelServices) {
    this.context = panel.context;
    this.saver = new Saver(panel.context, services.contents);
    this.sender = new PanelSender(() => this.views[0], services.executor);
    this.dialogs = new SessionContextDialogs(
      services.translator ? { translator: services.translator } : {}
    );
    this.show(panel);
  }

  /** This panel shows the notebook, too; once no panel does any more it is closed. */
  show(panel: NotebookPanel): void {
    if (this.views.includes(panel) || panel.isDisposed) {
      return;
    }
    this.views.push(panel);
    panel.disposed.connect(() => {
      this.views.splice(this.views.indexOf(panel), 1);
      if (this.views.length === 0) {
        this.disposedSignal.emit();
      }
    });
  }

  get notebook(): ISharedNotebook {
    return this.context.model.sharedModel;
  }

  get path(): string {
    return this.context.localPath;
  }

  get shared(): boolean {
    return this.context.model.collaborative === true;
  }

  get pathChanged(): ISignal<unknown, unknown> {
    return this.context.pathChanged;
  }

  get kernel(): PlaceKernel | null {
    return this.session.session?.kernel ?? null;
  }

  get kernelChanged(): ISignal<unknown, unknown> {
    return this.session.kernelChanged;
  }

  get disposed(): ISignal<unknown, unknown> {
    return this.disposedSignal;
  }

  outputsOf(cellId: string): ICardOutputs | null {
    return this.codeCell(cellId)?.outputs ?? null;
  }

  hears(cellId: string): boolean {
    return this.widgetsOf(cellId).some(
      widget => widget instanceof CodeCell && Boolean(widget.outputArea.future)
    );
  }

  showRun(cellId: string, outputs: IOutput[], executionCount: number | null): void {
    const cell = this.codeCell(cellId);
    if (cell) {
      this.showOver(cellId);
      cell.trusted = true; // as it is where the kernel's outputs come to the page that ran it
      cell.outputs.fromJSON(outputs);
      cell.executionCount = executionCount;
    }
  }

  showOver(cellId: string): void {
    for (const widget of this.widgetsOf(cellId)) {
      // one that a redo brought back waits for no reply
      if (widget instanceof CodeCell && widget.model.executionState === 'running') {
        (widget.outputArea.future as { dispose(): void } | null)?.dispose();
      }
    }
    this.showNotRun(cellId);
  }

  showNotRun(cellId: string): void {
    const cell = this.codeCell(cellId);
    if (cell) {
      cell.executionState = 'idle';
    }
  }

  render(cellId: string): void {
    for (const cell of this.widgetsOf(cellId)) {
      if (cell instanceof MarkdownCell && !cell.node.contains(document.activeElement)) {
        cell.rendered = true;
      }
    }
  }

  async interrupt(): Promise<void> {
    await this.session.session?.kernel?.interrupt();
  }

  async restart(): Promise<void> {
    await this.dialogs.restart(this.session);
  }

  warn(sentence: string): void {
    Notification.warning(sentence, { autoClose: false });
  }

  private codeCell(cellId: string): ICodeCellModel | null {
    for (const cell of this.context.model.cells) {
      if (cell.id === cellId && cell.type === 'code') {
        return cell as ICodeCellModel;
      }
    }
    return null;
  }

  /** One in each view. */
  private widgetsOf(cellId: string): Cell[] {
    const all = this.views.flatMap(view => [...view.content.widgets]);
    return all.filter(widget => widget.model.id === cellId);
  }

  private get session(): ISessionContext {
    return this.context.sessionContext;
  }

  readonly saver: Saver;
  readonly sender: PanelSender;
  private readonly context: NotebookPanel['context'];
  private readonly views: NotebookPanel[] = [];
  private readonly disposedSignal = new Signal<this, void>(this);
  private readonly dialogs: SessionContextDialogs;
}
