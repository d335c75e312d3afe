/** What the turns of a notebook need of the application around it. */
import type { ISharedNotebook } from '@jupyter/ydoc';
import type { IOutput } from '@jupyterlab/nbformat';
import type { Kernel } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';

import type { ICellSender } from '../cells/runner';
import type { LinkedKernel } from '../protocol/parties';
import type { ICardOutputs } from './cards';

export type PlaceKernel = LinkedKernel & Pick<Kernel.IKernelConnection, 'anyMessage'>;

/** One open notebook, as JupyterLab shows it. */
export interface INotebookPlace {
  readonly notebook: ISharedNotebook;
  readonly path: string;
  /** Whether all pages that show it write one notebook, each of them at once for all. */
  readonly shared: boolean;
  readonly pathChanged: ISignal<unknown, unknown>;
  readonly sender: ICellSender;
  readonly saver: {
    readonly fault: string;
    readonly changed: ISignal<unknown, void>;
    readonly reverting: boolean;
    readonly reverted: ISignal<unknown, void>;
    save(): Promise<void>;
    saved(): Promise<void>;
  };
  /** The kernel that the notebook has now. */
  readonly kernel: PlaceKernel | null;
  readonly kernelChanged: ISignal<unknown, unknown>;
  /** The notebook was closed. */
  readonly disposed: ISignal<unknown, unknown>;
  /** The outputs of a code cell, or null. */
  outputsOf(cellId: string): ICardOutputs | null;
  /** Whether what this code cell puts out is shown: not where the view that ran it was closed. */
  hears(cellId: string): boolean;
  /** Show what the kernel ran of a code cell and this page was not told. */
  showRun(cellId: string, outputs: IOutput[], executionCount: number | null): void;
  /** Show a code cell as one that has run, although its reply was lost; its outputs stay. */
  showOver(cellId: string): void;
  /** Show a Markdown cell as its reader sees it, unless the user is in it. */
  render(cellId: string): void;
  /** Show a code cell as one that was asked for and did not run. */
  showNotRun(cellId: string): void;
  interrupt(): Promise<void>;
  /** Restart the kernel, after asking the user. */
  restart(): Promise<void>;
  /** Tell the user one sentence that he has to act upon. */
  warn(sentence: string): void;
}
