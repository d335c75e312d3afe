/** What a link says where something went wrong. */
import type { Kernel } from '@jupyterlab/services';

import type { Answer } from './dispatch';
import { VERSION } from './messages';
import type { Done } from './messages';
import { trans } from '../translation';

/** How a kernel ends, in words that follow "The kernel". */
export const ENDS: Partial<Record<Kernel.Status, string>> = {
  restarting: 'was restarted',
  autorestarting: 'died and was restarted',
  dead: 'died',
  terminating: 'was shut down'
};

/** The answer to a request that never got one. */
export function undone(id: number): Done {
  return { kind: 'done', to: id, ok: false, text: 'The kernel no longer answers.' };
}

/** The reply to a request that could not be carried out. */
export function failed(error: unknown): Answer {
  console.error('CodeAct:', error);
  return { error: 'failed', text: error instanceof Error ? error.message : String(error) };
}

/** In at most 140 characters: JupyterLab cuts a notification there. */
export function otherVersion(theirs: string): string {
  return trans.__(
    'CodeAct is %1 in the kernel, %2 in this page, so it adds no cells. ' +
      'Install one version, restart the kernel and reload.',
    theirs,
    VERSION
  );
}
