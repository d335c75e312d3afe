/** What the sidebar asks of a notebook's kernel, without a trace there. */
import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';

import { answer } from '../commands/advice';
import type { About, Models, Preview, Variables } from '../protocol/messages';
import { METADATA_KEY, VERSION } from '../protocol/messages';

/** What is used of a kernel's connection. */
export type AskedKernel = Pick<Kernel.IKernelConnection, 'clientId' | 'requestExecute'>;

/** Where the package is not loaded this is null; an expression that raised would leave a trace. */
const PANEL =
  "'codeact_jupyter.magic' in __import__('sys').modules and " +
  "__import__('codeact_jupyter.panel', fromlist=['panel'])";

const FIRST_WAIT = 50;
const LONGEST_WAIT = 1000;

/**
 * Asks one kernel. An answer is null where the package is not loaded there, or the kernel went;
 * a fault is a sentence in it. Whoever asks what is being asked under the same settings gets that
 * answer, and nothing throws. A kernel that runs a cell answers once that has ended.
 */
export class KernelQuestions {
  /** `settings` are those of JupyterLab, which count below the kernel's own. */
  constructor(
    private readonly kernel: AskedKernel,
    private readonly settings: () => JSONObject
  ) {}

  /** Which model a prompt would ask now, and how; whether a turn runs. */
  about(): Promise<About | null> {
    return this.once('about()');
  }

  /** The models that the endpoint lists. */
  models(): Promise<Models | null> {
    return this.once('models()');
  }

  /** The variables that the model may be told of, without any value. */
  variables(): Promise<Variables | null> {
    return this.once('variables()');
  }

  /** The request that a prompt above the cell `before` would send; '' at the notebook's end. */
  preview(words: string, before: string): Promise<Preview | null> {
    return this.once(`preview(${JSON.stringify(words)}, ${JSON.stringify(before)})`);
  }

  private once<T>(call: string): Promise<T | null> {
    const question = `${call} ${JSON.stringify(this.settings())}`;
    const asked = this.asking.get(question) ?? this.whole(call, question);
    this.asking.set(question, asked);
    return asked as Promise<T | null>;
  }

  /** What takes long in the kernel goes on beside it, and is asked for until it is there. */
  private async whole(call: string, question: string): Promise<unknown> {
    try {
      for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
        const said = await this.ask(call);
        if (said?.asking !== true) {
          return said;
        }
        await new Promise(resolve => setTimeout(resolve, wait));
      }
    } catch {
      return null; // the kernel went, which the caller hears of otherwise
    } finally {
      this.asking.delete(question);
    }
  }

  private async ask(call: string): Promise<{ asking?: unknown } | null> {
    const reply = await this.kernel.requestExecute(
      {
        code: '',
        silent: true,
        store_history: false,
        stop_on_error: false,
        user_expressions: { said: `${PANEL}.${call}` }
      },
      true,
      frontMarker(this.kernel, this.settings())
    ).done;
    const { content } = reply;
    if (content.status === 'aborted') {
      return { asking: true }; // by an error of the user's cell before it, which is none of it
    }
    return content.status === 'ok' ? (answer(content.user_expressions.said) as object) : null;
  }

  private readonly asking = new Map<string, Promise<unknown>>();
}

/** Tells the kernel that a tab with this extension asks, and what the user has set there. */
export function frontMarker(kernel: AskedKernel, settings: JSONObject): JSONObject {
  const front = { client: kernel.clientId, version: VERSION, cells: 0, keeps: 0, settings };
  return { [METADATA_KEY]: { front } };
}
