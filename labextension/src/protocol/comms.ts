/** The comms between this tab and one kernel, also where JupyterLab gives its connection none. */
import { KernelMessage } from '@jupyterlab/services';
import type { Kernel } from '@jupyterlab/services';
import type { JSONObject, JSONValue } from '@lumino/coreutils';
import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

import { COMM, READY_COMM } from './messages';
import type { LinkedKernel } from './parties';

/** What is used of a comm. */
export interface ITabComm extends Pick<Kernel.IComm, 'isDisposed' | 'onMsg' | 'onClose'> {
  open(data: JSONValue): unknown;
  send(data: JSONValue): unknown;
  close(): unknown;
}

/**
 * Of all that a page connects to one kernel, as two notebooks and a console, JupyterLab gives
 * comms to the first alone (`KernelManager.connectTo` of `@jupyterlab/services`), which after a
 * reload may be any of them. The others hear all comms of the kernel as well, so what they lack
 * is made here of plain messages.
 */
export class Comms implements IDisposable {
  /**
   * @param ready - Called when the kernel says that it knows us.
   */
  constructor(
    private readonly kernel: LinkedKernel,
    private readonly ready: () => void
  ) {
    if (kernel.handleComms) {
      kernel.registerCommTarget(READY_COMM, ready);
    } else {
      kernel.iopubMessage.connect(this.onMessage, this);
    }
  }

  /** A new comm of the tab, in the place of the one before. */
  create(): ITabComm {
    return this.kernel.handleComms
      ? this.kernel.createComm(COMM)
      : (this.plain = new PlainComm(this.kernel));
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  dispose(): void {
    this.disposed = true;
    this.kernel.iopubMessage.disconnect(this.onMessage, this);
    if (this.kernel.handleComms) {
      this.kernel.removeCommTarget(READY_COMM, this.ready);
    }
  }

  private onMessage(_: unknown, message: KernelMessage.IIOPubMessage): void {
    if (KernelMessage.isCommOpenMsg(message) && message.content.target_name === READY_COMM) {
      this.ready();
    }
    this.plain?.hear(message);
  }

  private plain: PlainComm | null = null;
  private disposed = false;
}

/** A comm on the kernel's main shell, which so hears us between two cells. */
class PlainComm implements ITabComm {
  constructor(private readonly kernel: LinkedKernel) {}

  onMsg: ITabComm['onMsg'] = () => undefined;
  onClose: ITabComm['onClose'] = () => undefined;

  get isDisposed(): boolean {
    return this.closed;
  }

  open(data: JSONValue): void {
    this.say('comm_open', { target_name: COMM, data });
  }

  send(data: JSONValue): void {
    this.say('comm_msg', { data });
  }

  close(): void {
    this.closed = true;
    this.say('comm_close', { data: {} });
  }

  hear(message: KernelMessage.IIOPubMessage): void {
    if (KernelMessage.isCommMsgMsg(message) && message.content.comm_id === this.id) {
      void this.onMsg(message);
    } else if (KernelMessage.isCommCloseMsg(message) && message.content.comm_id === this.id) {
      this.closed = true;
      void this.onClose(message);
    }
  }

  private say(msgType: 'comm_open' | 'comm_msg' | 'comm_close', content: JSONObject): void {
    const { username, clientId: session } = this.kernel;
    const message = KernelMessage.createMessage({
      ...{ msgType, channel: 'shell', username, session },
      content: { comm_id: this.id, ...content }
    } as KernelMessage.IOptions<KernelMessage.ICommMsgMsg<'shell'>>);
    this.kernel.sendShellMessage(message);
  }

  private readonly id = UUID.uuid4();
  private closed = false;
}
