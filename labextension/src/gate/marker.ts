/** What the requests of our cells carry, besides what JupyterLab puts into them. */
import type { ISharedCell } from '@jupyter/ydoc';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { JSONObject } from '@lumino/coreutils';

import { isCopy, PASSES_TAG, savedMetadata, tagsOf, turnOf } from '../cells/metadata';
import { METADATA_KEY } from '../protocol/messages';
import type { INotebookTurns } from '../tokens';

/**
 * Tells the magic that a tab with this extension sent the prompt: `client` is the session
 * id of this request, which no stored marker can match. `cells` is how many cells of the
 * prompt's last turn there still are. A copy of a prompt has no turn yet; and what an earlier
 * turn left is none of the kernel's business. `keeps` is the step from which the user goes on;
 * `again` is whether he wants it asked anew although it was answered.
 */
export function promptMarker(
  cell: ISharedCell,
  session: ISessionContext | null,
  turns: INotebookTurns,
  settings: JSONObject,
  version: string
): JSONObject {
  const turn = turnOf(cell);
  const front = {
    client: session?.session?.kernel?.clientId ?? null,
    version,
    cells: turn === '' ? 0 : turns.cellsOf(turn),
    keeps: turns.decisions.takeContinuation(cell.getId()),
    again: turns.decisions.takeAgain(cell.getId()),
    settings
  };
  const kept = { ...(isCopy(cell) ? {} : savedMetadata(cell)) };
  delete kept.branches;
  return { [METADATA_KEY]: { ...(kept as JSONObject), front } };
}

/** The tag by which JupyterLab does not let an error abort what is queued behind it. */
export function throughErrors(cell: ISharedCell): JSONObject {
  return { tags: [...new Set([...tagsOf(cell), PASSES_TAG])] };
}
