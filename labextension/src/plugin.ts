/** The first plugin: it says that the extension is there, and does nothing else. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

export const plugin: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:plugin',
  description: 'A language model that works inside your notebook.',
  autoStart: true,
  activate: (app: JupyterFrontEnd): void => {
    console.debug(`CodeAct is there, in ${app.name} ${app.version}`);
  }
};
