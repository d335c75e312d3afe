/** Sends cells to the kernel by JupyterLab's own ways. */
import { CodeCell } from '@jupyterlab/cells';
import type { INotebookCellExecutor, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';

import type { ICellSender } from './runner';

/** Who runs cells in this application, asked at each run: it may come after us. */
export type ExecutorSource = () => Promise<INotebookCellExecutor | null>;

/**
 * Runs the cells of one notebook, in the panel that it is given.
 *
 * By the executor of the application, so whatever replaces it is respected; not by the
 * notebook's actions, which take the user out of the editor in which he types.
 */
export class PanelSender implements ICellSender {
  constructor(
    private readonly shown: () => NotebookPanel | undefined,
    private readonly executor: ExecutorSource
  ) {}

  async send(cellId: string, sent: () => void): Promise<boolean> {
    const executor = await this.executor();
    if (executor === null) {
      throw new Error('No extension of JupyterLab runs notebook cells.');
    }
    const panel = this.shown();
    const cell = panel?.content.widgets.find(widget => widget.model.id === cellId);
    const model = panel?.content.model;
    if (!panel || !(cell instanceof CodeCell) || !model) {
      throw new Error('The notebook shows no code cell of that id.');
    }
    const unwatch = whenSent(panel.sessionContext.session?.kernel ?? null, cellId, sent);
    try {
      return await executor.runCell({
        cell,
        notebook: model,
        notebookConfig: panel.content.notebookConfig,
        onCellExecuted: () => undefined,
        onCellExecutionScheduled: () => undefined,
        sessionContext: panel.sessionContext
      });
    } finally {
      unwatch();
    }
  }
}

/**
 * Call `sent` once when the kernel is asked to execute this cell.
 *
 * @returns What ends the watch.
 */
function whenSent(
  kernel: Kernel.IKernelConnection | null,
  cellId: string,
  sent: () => void
): () => void {
  const watch = (_: unknown, { msg, direction }: Kernel.IAnyMessageArgs): void => {
    if (direction === 'send' && isRequestOf(msg, cellId)) {
      unwatch();
      sent();
    }
  };
  const unwatch = (): void => {
    kernel?.anyMessage.disconnect(watch);
  };
  kernel?.anyMessage.connect(watch);
  return unwatch;
}

function isRequestOf(message: KernelMessage.IMessage, cellId: string): boolean {
  return message.header.msg_type === 'execute_request' && message.metadata.cellId === cellId;
}
