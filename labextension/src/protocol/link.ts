/** The line between this tab and one kernel. */
import type { Kernel } from '@jupyterlab/services';
import type { JSONObject, JSONValue } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

import { Comms } from './comms';
import type { ITabComm } from './comms';
import { answer, LATER, NOT_AWAITED, replyTo, tell } from './dispatch';
import type { Answering } from './dispatch';
import { ENDS, failed, otherVersion, undone } from './faults';
import { READY_COMM, VERSION } from './messages';
import type { Done, Hello, KernelMessage, KernelRequest, TabMessage, Welcome } from './messages';
import type { ILinkOwner, LinkedKernel, Wish } from './parties';
import { Replies } from './replies';

/** What the owner carries out. */
type Asked = Exclude<KernelRequest, { kind: 'ping' }>;

/** How long a kernel that is not busy may take to answer, before it is asked again; in ms. */
export const INSIST = 5000;

/**
 * One comm from this tab to one kernel, for as long as the notebook has that kernel.
 *
 * The kernel says with a comm of its own that it knows us: it opens it on `%load_ext`, and a
 * page that comes later asks whether it is open. Only then do we open ours, so a kernel
 * without the package never hears of us. After a restart the comm is gone without a word;
 * the next `%load_ext` brings a new one. Where the kernel closes ours it is asked again: it
 * may know us still, and then says which turns run.
 */
export class Link implements IDisposable {
  constructor(
    private readonly kernel: LinkedKernel,
    private readonly owner: ILinkOwner
  ) {
    kernel.statusChanged.connect(this.onStatus, this);
    kernel.connectionStatusChanged.connect(this.onConnection, this);
    kernel.disposed.connect(this.dispose, this);
    this.comms = new Comms(kernel, () => {
      this.open();
    });
    void this.ask();
  }

  /** Whether the kernel has answered our hello, with our version. */
  get connected(): boolean {
    return this.welcome?.version === VERSION && this.comm?.isDisposed === false;
  }

  /** Whether the kernel has yet to say if it knows us and what runs; a busy one takes its time. */
  get pending(): boolean {
    return this.question !== null || (this.comm?.isDisposed === false && this.welcome === null);
  }

  get client(): string {
    return this.kernel.clientId;
  }

  /** Ask the kernel for something; resolves with its answer, also when it never gets it. */
  request(wish: Wish): Promise<Done> {
    const id = (this.lastId += 1);
    const message = { ...wish, id };
    return new Promise(resolve => {
      this.waiting.set(id, { message, resolve });
      if (!this.connected || !this.send(message)) {
        this.waiting.delete(id);
        resolve(undone(id));
      }
    });
  }

  /**
   * The notebook has another path now, by which another tab of it is found; or it lacks what the
   * kernel told it, which says that again, and what runs.
   */
  sayHello(): void {
    if (this.connected) {
      this.send(this.hello());
    }
  }

  /**
   * The notebook has lost what the kernel told it, which says all of it again behind its welcome;
   * what it says before that, it says to a notebook that still had the rest.
   */
  beginAgain(): void {
    this.forget();
    this.lacking = this.connected;
    this.sayHello();
    this.insist();
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  dispose(): void {
    if (this.disposed) {
      return;
    }
    this.disposed = true;
    clearTimeout(this.timer);
    this.kernel.statusChanged.disconnect(this.onStatus, this);
    this.kernel.connectionStatusChanged.disconnect(this.onConnection, this);
    this.kernel.disposed.disconnect(this.dispose, this);
    this.comms.dispose();
    this.leave();
  }

  /** Say goodbye: a kernel that had to find out would wait for an answer for some seconds. */
  private leave(): void {
    const { comm } = this;
    this.drop();
    if (comm?.isDisposed === false && !this.kernel.isDisposed) {
      comm.onClose = () => undefined; // it is we who close it
      comm.close();
    }
  }

  /** @returns Whether the kernel knows us; also true where it could not be asked. */
  private async ask(): Promise<boolean> {
    const question = (this.question = {});
    this.insist();
    try {
      const info = await this.kernel.requestCommInfo({ target_name: READY_COMM });
      const known = info.content.status === 'ok' && Object.keys(info.content.comms).length > 0;
      if (known) {
        this.open();
      }
      return known;
    } catch (reason) {
      // the kernel died or was replaced meanwhile; the next one is asked again
      console.debug('CodeAct: the kernel was not asked for its comms:', reason);
      return true;
    } finally {
      if (this.question === question) {
        this.question = null;
      }
      this.owner.linked();
    }
  }

  /**
   * Ask again where no answer comes. Until a websocket is set up the server may swallow what a
   * kernel says (jupyter_server, `ZMQChannelsWebsocketConnection.nudge`), and JupyterLab does not
   * wait for that for longer than 3 s; and where a flood of outputs comes it drops what else is
   * said. A busy kernel is not asked again: it has the question. A page that has just come may not
   * know that it is busy, so it asks ever more rarely.
   */
  private insist(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!(this.pending || this.lacking) || this.disposed) {
        return;
      }
      if (this.kernel.status === 'busy' || this.kernel.connectionStatus !== 'connected') {
        this.insist();
      } else if (this.lacking) {
        this.sayHello();
        this.insist();
      } else {
        this.patience *= 2;
        this.drop();
        void this.ask();
      }
    }, this.patience);
  }

  /** The kernel closed our comm. One that does so before its welcome is not asked again. */
  private async closed(): Promise<void> {
    const greeted = this.welcome !== null;
    this.drop();
    this.owner.linked();
    const known = greeted && (await this.ask());
    if (!known && !this.disposed && !this.connected) {
      this.owner.lost('no longer has CodeAct loaded');
    }
  }

  private open(): void {
    if (this.disposed || this.comm?.isDisposed === false) {
      return;
    }
    this.drop();
    const comm = this.comms.create();
    this.comm = comm;
    // Never async: kernel messages are handled one after another, and one that waited for a
    // cell would keep that cell's own messages from coming.
    comm.onMsg = message => {
      this.receive(message.content.data);
    };
    comm.onClose = () => {
      void this.closed();
    };
    comm.open(this.hello() as unknown as JSONValue);
    this.insist();
  }

  private hello(): Hello {
    return { kind: 'hello', version: VERSION, client: this.client, path: this.owner.path };
  }

  private receive(data: JSONObject): void {
    const message = data as unknown as KernelMessage;
    switch (message.kind) {
      case 'welcome':
        this.greet(message);
        break;
      case 'turn.card':
      case 'turn.runs':
      case 'cell.text':
        this.quietly(() => {
          tell(this.owner.handlers, message);
        });
        break;
      case 'done':
        this.waiting.get(message.to)?.resolve(message);
        this.waiting.delete(message.to);
        break;
      case 'ping':
        this.send(replyTo(message.id, {}));
        break;
      case 'turn.started':
      case 'cell.place':
      case 'cell.finish':
      case 'cell.run':
      case 'cell.mark':
      case 'cell.outputs':
      case 'cell.remove':
      case 'notebook.read':
      case 'notebook.news':
      case 'turn.ended':
        this.answer(message);
        break;
      default:
        this.unknown(message);
    }
  }

  private greet(message: Welcome): void {
    this.welcome = message;
    this.lacking = false;
    this.patience = INSIST;
    if (message.version === VERSION) {
      this.quietly(() => {
        this.owner.handlers.welcome(message);
      });
    } else {
      this.owner.warn(otherVersion(message.version));
    }
    this.owner.linked();
  }

  /** What comes before the welcome comes again behind it: that was lost on its way. */
  private answer(message: Asked): void {
    const { replies } = this;
    if (this.welcome === null || this.lacking) {
      return;
    }
    void replies.to(message).then(async answered => {
      if (NOT_AWAITED.has(message.kind)) {
        await new Promise(resolve => setTimeout(resolve, LATER));
      }
      if (replies === this.replies) {
        this.send(replyTo(message.id, answered));
      }
    });
  }

  private carryOut(message: Asked): Answering {
    if (!this.connected) {
      return { error: 'failed', text: otherVersion(this.welcome?.version ?? 'unknown') };
    }
    try {
      return answer(this.owner.handlers, message);
    } catch (error) {
      return failed(error);
    }
  }

  /** A kind that a newer kernel knows; it may wait for a reply. */
  private unknown(message: never): void {
    const { id, kind } = message as { id?: unknown; kind?: unknown };
    console.warn(`CodeAct: the kernel sent ${JSON.stringify(kind)}, which this tab does not know.`);
    if (typeof id === 'number') {
      const text = `This tab does not know ${JSON.stringify(kind)}; reload the page.`;
      this.send(replyTo(id, { error: 'unknown', text }));
    }
  }

  /** For messages without a reply: an error in ours must not stop those that follow. */
  private quietly(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      console.error('CodeAct:', error);
    }
  }

  private send(message: TabMessage): boolean {
    if (!this.comm || this.comm.isDisposed) {
      return false;
    }
    try {
      this.comm.send(message as unknown as JSONValue);
      return true;
    } catch (error) {
      console.warn(`CodeAct: ${message.kind} did not reach the kernel:`, error);
      return false;
    }
  }

  private onStatus(_: unknown, status: Kernel.Status): void {
    const how = ENDS[status];
    if (how === undefined) {
      return;
    }
    this.drop();
    this.owner.linked();
    // JupyterLab says "restarting" also where the kernel died, and that it died in a microtask
    this.end = how;
    queueMicrotask(() => {
      if (this.end === how) {
        this.owner.lost(how);
      }
    });
  }

  /**
   * The websocket was cut and is there again, with the same comm: what was on its way is lost,
   * and neither side was told. A hello has the kernel say again what was not acknowledged. A page
   * connects anew also where another one restarted the kernel, which may know us since.
   */
  private onConnection(_: unknown, status: Kernel.ConnectionStatus): void {
    if (status === 'connecting') {
      this.cut = true;
    } else if (status === 'connected' && this.cut) {
      this.cut = false;
      if (!this.connected) {
        this.drop(); // its welcome may be what was lost
        void this.ask();
        return;
      }
      this.send(this.hello());
      for (const { message } of this.waiting.values()) {
        this.send(message);
      }
    }
  }

  /** Forget the comm and all that was said on it. */
  private drop(): void {
    if (this.comm !== null) {
      this.comm.onMsg = () => undefined; // the kernel may say something on it still
    }
    this.comm = null;
    this.welcome = null;
    this.lacking = false;
    this.forget();
    for (const [id, { resolve }] of this.waiting) {
      resolve(undone(id));
    }
    this.waiting.clear();
  }

  /** Carry out again what comes again, and reply to nothing that came before. */
  private forget(): void {
    this.replies = new Replies(message => this.carryOut(message));
  }

  private readonly comms: Comms;
  private comm: ITabComm | null = null;
  private welcome: Welcome | null = null;
  /** The question whether it knows us that was asked last and has no answer, or null. */
  private question: object | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined = undefined;
  private patience = INSIST;
  /** Whether the websocket is gone for a while. */
  private cut = false;
  private disposed = false;
  /** How the kernel ended last. */
  private end = '';
  private lastId = 0;
  /** What was asked of the kernel, and has no answer yet. */
  private readonly waiting = new Map<
    number,
    { message: TabMessage; resolve: (done: Done) => void }
  >();
  /** Whether the notebook lacks what the kernel told it, and that is not told again yet. */
  private lacking = false;
  private replies = new Replies<Asked>(message => this.carryOut(message));
}
