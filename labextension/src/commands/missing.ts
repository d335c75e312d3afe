/** Says what to do where a prompt fails because the kernel lacks the package. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions, type Notebook } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

import { needsPackage } from '../cells/metadata';

export const missing: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:missing',
  description: 'Says how to install the package where a kernel lacks it.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_, tracker: INotebookTracker) => {
    const kernelOf = (notebook: Notebook): Kernel.IKernelConnection | null => {
      const panel = tracker.find(found => found.content === notebook);
      return panel?.sessionContext.session?.kernel ?? null;
    };
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      const kernel = kernelOf(notebook);
      if (!success && kernel !== null && needsPackage(cell.model.sharedModel.getSource())) {
        void advise(kernel).catch((reason: unknown) => {
          console.error('CodeAct could not ask the kernel about its package.', reason);
        });
      }
    });
  }
};

/** Few users need it, so it comes only then. */
async function advise(kernel: Kernel.IKernelConnection): Promise<void> {
  const { adviser } = await import('./adviser');
  await adviser.consider(kernel);
}
