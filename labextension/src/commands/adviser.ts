/** Asks a kernel about its package, and tells the user how to get what it lacks. */
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';

import { VERSION } from '../protocol/messages';
import { trans } from '../translation';
import { adviceFor, factsOf, type IAdvice, notPython, QUESTIONS } from './advice';

class Adviser {
  #said = new Set<string>();

  /** Each piece of advice is given once for a kernel. */
  async consider(kernel: Kernel.IKernelConnection): Promise<void> {
    const advice = await this.#ask(kernel);
    const once = `${kernel.id} ${advice?.reason ?? ''}`;
    if (advice !== null && !this.#said.has(once)) {
      this.#said.add(once);
      say(advice);
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
            label: trans.__('Copy the line'),
            caption: line,
            callback: () => {
              Clipboard.copyToSystem(line);
            }
          }
        ];
  Notification.warning(message, { autoClose: false, actions });
}

export const adviser = new Adviser();
