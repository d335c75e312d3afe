/**
 * Waits for a kernel that is on its way to a notebook.
 *
 * JupyterLab shows a notebook before it has looked which kernel runs for it. A cell that is run
 * in between has it start a new kernel, and shut down the one that it finds then, with all
 * variables and with the turn that goes on there; where a kernel is being started already,
 * the cell is dropped without a word. So such a cell waits here until the kernel is known.
 */
import type { ISessionContext } from '@jupyterlab/apputils';

import type { TurnOutcome } from '../tokens';

/** What is used of a notebook's session. */
export type ComingSession = Pick<
  ISessionContext,
  | 'disposed'
  | 'hasNoKernel'
  | 'isDisposed'
  | 'isReady'
  | 'kernelChanged'
  | 'path'
  | 'session'
  | 'sessionManager'
>;

export class KernelsToCome {
  /** One promise for all cells of a notebook that wait: they are to run in their order. */
  #coming = new WeakMap<ComingSession, Promise<TurnOutcome>>();

  /**
   * Null where nothing has to be waited for; else resolves as `answered` once the cell may run,
   * as behind a turn. Where no kernel comes by itself, JupyterLab has to ask which to start.
   */
  of(session: ComingSession | null): Promise<TurnOutcome> | null {
    if (session === null || session.isDisposed || hasKernel(session)) {
      return null;
    }
    if (session.isReady && session.hasNoKernel) {
      return null;
    }
    let coming = this.#coming.get(session);
    if (coming === undefined) {
      coming = comes(session).finally(() => this.#coming.delete(session));
      this.#coming.set(session, coming);
    }
    return coming;
  }
}

async function comes(session: ComingSession): Promise<TurnOutcome> {
  const found = session.hasNoKernel && (await runsAlready(session));
  const awaited = (): boolean => (found ? !session.isReady : !session.hasNoKernel);
  while (!session.isDisposed && !hasKernel(session) && awaited()) {
    await changed(session);
  }
  return session.isDisposed ? 'gone' : 'answered';
}

function hasKernel({ session }: ComingSession): boolean {
  return Boolean(session?.kernel);
}

/** Whether the server has a kernel for this notebook: JupyterLab will find it, too. */
async function runsAlready({ path, sessionManager }: ComingSession): Promise<boolean> {
  try {
    await sessionManager.ready;
    await sessionManager.refreshRunning();
  } catch (reason) {
    console.warn('CodeAct: the server did not say which kernels run:', reason);
    return false; // JupyterLab tells the user of it when it starts one
  }
  return [...sessionManager.running()].some(model => model.path === path);
}

function changed(session: ComingSession): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      session.kernelChanged.disconnect(done);
      session.disposed.disconnect(done);
      resolve();
    };
    session.kernelChanged.connect(done);
    session.disposed.connect(done);
  });
}
