/** Which of our cells the kernel has been sent, and which one it executes. */
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { REFUSED } from '../cells/metadata';

type Reply = KernelMessage.IExecuteReplyMsg['content'];

/** How a cell ended that the kernel executed. */
export type Result = 'ok' | 'error' | 'interrupted' | 'stopped';

/** By the name of its error; IPython refuses a cell before anything of it runs by the second. */
const NOT_FAILED: ReadonlyMap<string, Result> = new Map([
  ['KeyboardInterrupt', 'interrupted'],
  [REFUSED, 'stopped']
]);

/** What happened to a cell. */
export type Execution =
  | { readonly what: 'sent' | 'begun' | 'aborted'; readonly cellId: string }
  | { readonly what: 'replied'; readonly cellId: string; readonly result: Result };

/**
 * Reads a kernel's messages for what becomes of cells.
 *
 * A notebook shows a cell as running from the moment it is sent, also while it waits behind
 * others. Whether an interrupt would hit our cell or one of the user's, also one that he runs
 * in a console, is only told by the kernel: `execute_input` begins a cell, its reply ends it.
 * A cell that fails aborts those that wait behind it: they are replied to and never ran.
 */
export class Executions implements IDisposable {
  constructor(
    private readonly kernel: Pick<
      Kernel.IKernelConnection,
      'anyMessage' | 'connectionStatusChanged'
    >
  ) {
    kernel.anyMessage.connect(this.onMessage, this);
    kernel.connectionStatusChanged.connect(this.onConnection, this);
  }

  get happened(): ISignal<this, Execution> {
    return this.happenedSignal;
  }

  /** The cell that the kernel executes, or null where that is none of this notebook. */
  get current(): string | null {
    return this.cells.get(this.executing) ?? null;
  }

  /** The request that the kernel executes, as far as its replies are heard here, or ''. */
  get request(): string {
    return this.executing;
  }

  /** The turn of which the kernel executes an action that another tab sent, or null. */
  get turn(): string | null {
    return this.executing === this.elsewhere.request ? this.elsewhere.turn : null;
  }

  /** Another tab sent this request, which runs an action of this turn. */
  note(request: string, turn: string): void {
    this.elsewhere = { request, turn };
  }

  /** Whether a request of this cell has no reply yet. */
  awaits(cellId: string): boolean {
    return [...this.cells.values()].includes(cellId);
  }

  /**
   * The kernel says that a cell has run: its reply comes no more if the connection was cut
   * while it was awaited.
   *
   * @returns Whether it was awaited, and is not any more, or its outputs were missed.
   */
  giveUp(cellId: string): boolean {
    const lost = [...this.doubtful].filter(request => this.cells.get(request) === cellId);
    for (const request of lost) {
      this.cells.delete(request);
      this.executing = this.executing === request ? '' : this.executing;
    }
    return this.unheard.delete(cellId) || lost.length > 0;
  }

  /** What this cell put out went to one that is shown no more. */
  missed(cellId: string): void {
    this.unheard.add(cellId);
  }

  /** The kernel went: what it was sent is never replied to. */
  forget(): void {
    this.cells.clear();
    this.executing = '';
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  dispose(): void {
    this.disposed = true;
    this.kernel.anyMessage.disconnect(this.onMessage, this);
    this.kernel.connectionStatusChanged.disconnect(this.onConnection, this);
    Signal.clearData(this);
  }

  private onMessage(_: unknown, { msg, direction }: Kernel.IAnyMessageArgs): void {
    const cellId = msg.metadata.cellId;
    if (direction === 'send') {
      if (msg.header.msg_type === 'execute_request' && typeof cellId === 'string') {
        this.cells.set(msg.header.msg_id, cellId);
        this.happenedSignal.emit({ what: 'sent', cellId });
      }
      return;
    }
    const request = 'msg_id' in msg.parent_header ? msg.parent_header.msg_id : '';
    if (msg.header.msg_type === 'execute_input') {
      this.begin(request);
    } else if (msg.header.msg_type === 'status' && !this.cells.has(request)) {
      this.idle(request, (msg as KernelMessage.IStatusMsg).content);
    } else if (msg.header.msg_type === 'execute_reply') {
      this.reply(request, (msg as KernelMessage.IExecuteReplyMsg).content);
    }
  }

  private onConnection(_: unknown, status: Kernel.ConnectionStatus): void {
    if (status === 'connecting') {
      this.doubtful = new Set(this.cells.keys());
    }
  }

  private begin(request: string): void {
    this.executing = request;
    const cellId = this.cells.get(request);
    if (cellId !== undefined) {
      this.happenedSignal.emit({ what: 'begun', cellId });
    }
  }

  /** Of a request of another tab no reply is heard here. */
  private idle(request: string, { execution_state }: KernelMessage.IStatusMsg['content']): void {
    if (execution_state === 'idle' && request === this.executing) {
      this.executing = '';
    }
  }

  private reply(request: string, content: Reply): void {
    const cellId = this.cells.get(request);
    this.cells.delete(request);
    if (cellId === undefined) {
      return;
    }
    // one that waited behind a failing cell: the protocol says "aborted", its types do not
    if ((content.status as string) === 'aborted') {
      this.happenedSignal.emit({ what: 'aborted', cellId });
    } else {
      this.happenedSignal.emit({ what: 'replied', cellId, result: resultOf(content) });
    }
  }

  private executing = '';
  private elsewhere: { request: string; turn: string | null } = { request: '', turn: null };
  private disposed = false;
  /** The cell of each request whose reply has not come, by the request's id. */
  private readonly cells = new Map<string, string>();
  /** The requests that had no reply when the connection was cut. */
  private doubtful: ReadonlySet<string> = new Set();
  /** The cells whose outputs nobody showed. */
  private readonly unheard = new Set<string>();
  private readonly happenedSignal = new Signal<this, Execution>(this);
}

function resultOf(content: Reply): Result {
  if (content.status === 'ok') {
    return 'ok';
  }
  const known = content.status === 'error' ? NOT_FAILED.get(content.ename) : undefined;
  return known ?? 'error';
}
