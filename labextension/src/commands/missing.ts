/** Says what to do where a prompt fails because the kernel lacks the package. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker, NotebookActions, type Notebook } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

import { VERSION } from '../protocol/messages';
import { adviceFor, factsOf, type IAdvice, needsPackage, notPython, QUESTIONS } from './advice';

export const missing: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:missing',
  description: 'Says how to install the package where a kernel lacks it.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_, tracker: INotebookTracker) => {
    const adviser = new Adviser(notebook => {
      const panel = tracker.find(found => found.content === notebook);
      return panel?.sessionContext.session?.kernel ?? null;
    });
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      if (!success) {
        void adviser.consider(notebook, cell).catch((reason: unknown) => {
          console.error('CodeAct could not ask the kernel about its package.', reason);
        });
      }
    });
  }
};

class Adviser {
  #said = new Set<string>();

  constructor(private readonly kernelOf: (notebook: Notebook) => Kernel.IKernelConnection | null) {}

  async consider(notebook: Notebook, cell: Cell): Promise<void> {
    const kernel = this.kernelOf(notebook);
    if (kernel !== null && needsPackage(cell.model.sharedModel.getSource())) {
      const advice = await this.#ask(kernel);
      const once = `${kernel.id} ${advice?.reason ?? ''}`;
      if (advice !== null && !this.#said.has(once)) {
        this.#said.add(once);
        say(advice);
      }
    }
  }

  async #ask(kernel: Kernel.IKernelConnection): Promise<IAdvice | null> {
    const { language_info: language } = await kernel.info;
    if (language.name !== 'python') {
      return notPython(language.name);
    }
    const reply = await kernel.requestExecute({
      code: '',
      silent: true,
      store_history: false,
      user_expressions: { ...QUESTIONS }
    }).done;
    const { content } = reply;
    const facts = content.status === 'ok' ? factsOf(content.user_expressions) : null;
    return facts && adviceFor(facts, VERSION);
  }
}

function say({ message, line }: IAdvice): void {
  const actions =
    line === null
      ? []
      : [
          {
            label: 'Copy the line',
            caption: line,
            callback: () => {
              Clipboard.copyToSystem(line);
            }
          }
        ];
  Notification.warning(message, { autoClose: false, actions });
}
