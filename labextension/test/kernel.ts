/** A kernel and a notebook panel that only hold what is said; nothing runs in them. */
import type { YNotebook, ISharedCodeCell } from '@jupyter/ydoc';
import type { IOutput } from '@jupyterlab/nbformat';
import type { Kernel, KernelMessage as Messages } from '@jupyterlab/services';
import type { JSONValue } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import type { ICellSender } from '../src/cells/runner';
import { LATER } from '../src/protocol/dispatch';
import type { KernelMessage, TabMessage } from '../src/protocol/messages';
import type { ICardOutputs } from '../src/turns/cards';
import type { INotebookPlace, PlaceKernel } from '../src/turns/place';

/** Lets everything that is due happen: replies are sent a moment after a request. */
export function settled(): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, 0);
  });
}

/** Wait until what the kernel does not wait for has been replied to, too. */
export function acknowledged(): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, LATER + 10);
  });
}

class Comm {
  onMsg: (message: { content: { data: unknown } }) => void = () => undefined;
  onClose: (message: unknown) => void = () => undefined;
  isDisposed = false;
  constructor(
    readonly targetName: string,
    private readonly sent: TabMessage[]
  ) {}

  open(data: JSONValue): void {
    this.send(data);
  }

  send(data: JSONValue): void {
    this.sent.push(structuredClone(data) as unknown as TabMessage);
  }

  close(): void {
    this.isDisposed = true;
    this.onClose({});
  }
}

export class FakeKernel {
  constructor(readonly clientId = 'client-1') {}

  handleComms = true;
  readonly username = 'user';
  readonly connectionStatus = 'connected';
  status: Kernel.Status = 'idle';
  isDisposed = false;
  readonly statusChanged = new Signal<unknown, Kernel.Status>(this);
  readonly connectionStatusChanged = new Signal<unknown, Kernel.ConnectionStatus>(this);
  readonly disposed = new Signal<unknown, undefined>(this);
  readonly anyMessage = new Signal<unknown, Kernel.IAnyMessageArgs>(this);
  readonly iopubMessage = new Signal<unknown, Messages.IIOPubMessage>(this);
  /** What was sent but over a comm of JupyterLab's own. */
  readonly shell: Messages.IShellMessage[] = [];
  readonly sent: TabMessage[] = [];
  readonly comms: Comm[] = [];
  /** Whether the marker comm is open already, as after a page reload. */
  loaded = false;

  registerCommTarget(target: string, callback: () => void): void {
    this.targets.set(target, callback);
  }

  removeCommTarget(target: string): void {
    this.targets.delete(target);
  }

  requestCommInfo(): Promise<unknown> {
    const comms = this.loaded ? { marker: { target_name: 'codeact-ready' } } : {};
    return Promise.resolve({ content: { status: 'ok', comms } });
  }

  createComm(target: string): Comm {
    const comm = new Comm(target, this.sent);
    this.comms.push(comm);
    return comm;
  }

  sendShellMessage(message: Messages.IShellMessage): void {
    this.shell.push(message);
  }

  /** Say something on the channel that all connections hear. */
  broadcast(msg_type: string, content: object): void {
    const message = { channel: 'iopub', header: { msg_type }, content };
    this.iopubMessage.emit(message as unknown as Messages.IIOPubMessage);
  }

  /** `%load_ext`. */
  load(): void {
    this.targets.get('codeact-ready')?.();
  }

  say(message: KernelMessage | Record<string, unknown>): void {
    this.comms.at(-1)?.onMsg({ content: { data: structuredClone(message) } });
  }

  /** `%unload_ext`, or one that closes the tab's comm only. */
  close(loaded = false): void {
    const comm = this.comms.at(-1);
    this.loaded = loaded;
    if (comm) {
      comm.isDisposed = true;
      comm.onClose({});
    }
  }

  restart(status: Kernel.Status = 'restarting'): void {
    this.statusChanged.emit(status);
    for (const comm of this.comms) {
      comm.isDisposed = true;
    }
  }

  /** The page sends a cell. */
  execute(cellId: string): void {
    this.message('send', 'execute_request', { msg_id: cellId }, { cellId });
  }

  /** The kernel begins it. */
  begin(cellId: string): void {
    this.message('recv', 'execute_input', { parent: cellId });
  }

  /** The shell's reply came. */
  reply(cellId: string, status: 'ok' | 'error' | 'aborted' = 'ok', ename?: string): void {
    this.message('recv', 'execute_reply', { parent: cellId, status, ename });
  }

  /** The kernel says that it is done with a request, to all its tabs. */
  idle(request: string): void {
    this.message('recv', 'status', { parent: request, execution_state: 'idle' });
  }

  get asPlaceKernel(): PlaceKernel {
    return this as unknown as PlaceKernel;
  }

  private message(
    direction: 'send' | 'recv',
    msg_type: string,
    { msg_id = 'other', parent, ...content }: IContent,
    metadata: object = {}
  ): void {
    const parent_header = parent === undefined ? {} : { msg_id: parent };
    const msg = { header: { msg_id, msg_type }, parent_header, metadata, content };
    this.anyMessage.emit({ direction, msg } as unknown as Kernel.IAnyMessageArgs);
  }

  private readonly targets = new Map<string, () => void>();
}

interface IContent {
  readonly msg_id?: string;
  readonly parent?: string;
  readonly status?: string;
  readonly execution_state?: string;
  readonly ename?: string | undefined;
}

/** Outputs as a notebook's model shows them, on top of the shared cell. */
class Outputs implements ICardOutputs {
  constructor(private readonly cell: ISharedCodeCell) {}

  get length(): number {
    return this.cell.getOutputs().length;
  }

  get(index: number): { toJSON(): IOutput } {
    const [output] = this.cell.getOutputs().slice(index);
    if (!output) {
      throw new Error(`no output ${index}`);
    }
    return { toJSON: () => output };
  }

  set(index: number, output: IOutput): void {
    this.cell.updateOutputs(index, index + 1, [output]);
  }

  add(output: IOutput): number {
    this.cell.updateOutputs(this.length, this.length, [output]);
    return this.length;
  }
}

export class FakePlace implements INotebookPlace {
  constructor(
    readonly notebook: YNotebook,
    public own: FakeKernel | null
  ) {}

  path = 'a.ipynb';
  shared = false;
  readonly pathChanged = new Signal<unknown, unknown>(this);
  readonly kernelChanged = new Signal<unknown, unknown>(this);
  readonly disposed = new Signal<unknown, unknown>(this);
  readonly warnings: string[] = [];
  readonly ran: string[] = [];
  interrupts = 0;
  restarts = 0;
  saves = 0;

  readonly unheard = new Set<string>();

  hears(cellId: string): boolean {
    return !this.unheard.has(cellId);
  }

  readonly saver = {
    fault: '',
    changed: new Signal<unknown, void>(this),
    save: (): Promise<void> => {
      this.saves += 1;
      return Promise.resolve();
    },
    saved: (): Promise<void> => this.saver.save(),
    reverting: false,
    reverted: new Signal<unknown, void>(this)
  };

  readonly sender: ICellSender = {
    send: (cellId, sent) => {
      this.ran.push(cellId);
      this.own?.execute(cellId);
      sent();
      return new Promise(() => undefined);
    }
  };

  get kernel(): PlaceKernel | null {
    return this.own?.asPlaceKernel ?? null;
  }

  readonly notRun: string[] = [];

  showNotRun(cellId: string): void {
    this.notRun.push(cellId);
  }

  readonly over: string[] = [];

  showOver(cellId: string): void {
    this.over.push(cellId);
  }

  showRun(cellId: string, outputs: IOutput[], executionCount: number | null): void {
    const cell = this.notebook.cells.find(one => one.getId() === cellId) as ISharedCodeCell;
    cell.setOutputs(outputs);
    cell.execution_count = executionCount;
  }

  outputsOf(cellId: string): ICardOutputs | null {
    const cell = this.notebook.cells.find(one => one.getId() === cellId);
    return cell?.cell_type === 'code' ? new Outputs(cell) : null;
  }

  render(): void {
    // there are no widgets
  }

  interrupt(): Promise<void> {
    this.interrupts += 1;
    return Promise.resolve();
  }

  restart(): Promise<void> {
    this.restarts += 1;
    return Promise.resolve();
  }

  warn(sentence: string): void {
    this.warnings.push(sentence);
  }
}
