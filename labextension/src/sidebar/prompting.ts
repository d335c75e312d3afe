/** `%codeact key` without a cell: its prompts are answered by whoever can ask the user. */
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';

import { type AskedKernel, frontMarker } from './asking';

export type PromptingKernel = AskedKernel & Pick<Kernel.IKernelConnection, 'sendInputReply'>;

/** How the user is asked; null where he does not answer. */
export interface IPrompts {
  password(label: string): Promise<string | null>;
  agreed(label: string): Promise<boolean | null>;
}

/** Nothing of it stands in the history; the key goes to the kernel and nowhere else. */
export async function enterKey(
  kernel: PromptingKernel,
  settings: JSONObject,
  prompts: IPrompts
): Promise<string> {
  let told = '';
  try {
    const future = kernel.requestExecute(
      { code: '%codeact key', silent: true, store_history: false, allow_stdin: true },
      true,
      frontMarker(kernel, settings)
    );
    future.onIOPub = ({ content }) => {
      told += 'text' in content ? String(content.text) : '';
    };
    future.onStdin = message => {
      // not awaited: no other message of the kernel would be heard meanwhile
      void reply(kernel, message as KernelMessage.IInputRequestMsg, prompts);
    };
    const { content } = await future.done;
    return content.status === 'error' ? content.evalue : told.trim();
  } catch {
    return ''; // the kernel went, which the user is told by JupyterLab
  }
}

async function reply(
  kernel: PromptingKernel,
  { header, content }: KernelMessage.IInputRequestMsg,
  { password, agreed }: IPrompts
): Promise<void> {
  const label = content.prompt.replace(/\s*(\[y\/N\]|:)\s*$/, '');
  try {
    const value = content.password ? await password(label) : (await agreed(label)) ? 'y' : '';
    kernel.sendInputReply({ status: 'ok', value: value ?? '' }, header);
  } catch {
    // the kernel went while the user was asked
  }
}
