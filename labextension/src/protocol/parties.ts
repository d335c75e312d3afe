/** Whom a link connects: what it uses of a kernel, and what it asks of its owner. */
import type { Kernel } from '@jupyterlab/services';

import type { IKernelHandlers } from './dispatch';
import type { ApproveRest, Gone, Reject, Stop } from './messages';

/** What is used of a connection to a kernel. */
export type LinkedKernel = Pick<
  Kernel.IKernelConnection,
  | 'clientId'
  | 'connectionStatus'
  | 'connectionStatusChanged'
  | 'createComm'
  | 'disposed'
  | 'handleComms'
  | 'iopubMessage'
  | 'isDisposed'
  | 'registerCommTarget'
  | 'removeCommTarget'
  | 'requestCommInfo'
  | 'sendShellMessage'
  | 'status'
  | 'statusChanged'
  | 'username'
>;

/** A request of the tab, before it gets its number. */
export type Wish =
  Omit<Stop, 'id'> | Omit<Reject, 'id'> | Omit<ApproveRest, 'id'> | Omit<Gone, 'id'>;

/** Whom a link tells what. */
export interface ILinkOwner {
  readonly handlers: IKernelHandlers;
  /** The path of the notebook, as the hello says it. */
  readonly path: string;
  /** `connected` may have changed. */
  linked(): void;
  /** The kernel went, or knows no turn any more; `how` completes "The kernel ...". */
  lost(how: string): void;
  /** Tell the user one sentence that he has to act upon. */
  warn(sentence: string): void;
}
