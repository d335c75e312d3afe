/** Asks for the endpoint's key through the kernel's own prompts, by dialogs of JupyterLab. */
import { InputDialog } from '@jupyterlab/apputils';
import type { JSONObject } from '@lumino/coreutils';

import { enterKey, type PromptingKernel } from './prompting';

/**
 * Have the kernel ask for the key of the endpoint that counts with these settings of
 * JupyterLab's, and where to keep it. A dialog that is closed changes nothing.
 *
 * @returns What came of it, in a sentence; '' where the kernel went.
 */
export function askKey(kernel: PromptingKernel, settings: JSONObject = {}): Promise<string> {
  return enterKey(kernel, settings, {
    password: async label => (await InputDialog.getPassword({ title: 'CodeAct', label })).value,
    agreed: async label => (await InputDialog.getBoolean({ title: 'CodeAct', label })).value
  });
}
