/** What the sidebar asks of a notebook's kernel, without a trace there. */
import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';

import { answer } from '../commands/advice';
import type { About, Models, Preview, Variables } from '../protocol/messages';
import { METADATA_KEY, VERSION } from '../protocol/messages';

/** What is used of a kernel's connection. */
export type AskedKernel = Pick<Kernel.IKernelConnection, 'clientId' | 'requestExecute'>;

/** A prompt that was not sent yet, and the cell above which it would stand; '' at the end. */
export interface IPreviewed {
  readonly words: string;
  readonly before: string;
  readonly fresh: boolean;
}

/** A question whose answer is not there yet, and whether those who asked still wait. */
interface IAsking {
  readonly found: Promise<unknown>;
  readonly askers: readonly (() => boolean)[];
}

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

  /**
   * The request that a prompt would send.
   *
   * @param wanted - Whether anybody still waits for it: a kernel makes one at a time, and one that
   *   is asked for in vain would keep it from the next.
   */
  preview(prompt: IPreviewed, wanted: () => boolean): Promise<Preview | null> {
    const given = [prompt.words, prompt.before].map(text => JSON.stringify(text));
    return this.once(
      `preview(${[...given, ...(prompt.fresh ? ['new=True'] : [])].join(', ')})`,
      wanted
    );
  }

  private once<T>(call: string, wanted = (): boolean => true): Promise<T | null> {
    const question = `${call} ${JSON.stringify(this.settings())}`;
    const askers = [...(this.asking.get(question)?.askers ?? []), wanted];
    const found = this.asking.get(question)?.found ?? this.whole(call, question);
    this.asking.set(question, { found, askers });
    return found as Promise<T | null>;
  }

  private isWanted(question: string): boolean {
    return this.asking.get(question)?.askers.some(wanted => wanted()) ?? true;
  }

  /** What takes long in the kernel goes on beside it, and is asked for until it is there. */
  private async whole(call: string, question: string): Promise<unknown> {
    try {
      for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
        if (!this.isWanted(question)) {
          return null;
        }
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

  private readonly asking = new Map<string, IAsking>();
}

/** Tells the kernel that a tab with this extension asks, and what the user has set there. */
export function frontMarker(kernel: AskedKernel, settings: JSONObject): JSONObject {
  const front = { client: kernel.clientId, version: VERSION, cells: 0, keeps: 0, settings };
  return { [METADATA_KEY]: { front } };
}
