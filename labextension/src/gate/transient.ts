/**
 * Metadata that a request carries and the notebook never keeps.
 *
 * JupyterLab reads a cell's metadata when it sends the cell to the kernel, in the same task
 * in which it says that the cell is scheduled. So a value laid over the metadata at that
 * moment and taken away in a microtask is in the request, and in no file and no undo step.
 */
import type { ISharedCell } from '@jupyter/ydoc';
import type { JSONObject, JSONValue } from '@lumino/coreutils';

/** What the gate needs of a shared cell. */
export type MetadataHolder = Pick<
  ISharedCell,
  'getMetadata' | 'setMetadata' | 'deleteMetadata' | 'transact' | 'isDisposed'
>;

/** Lay these values over the cell's metadata until the current task is done. */
export function layOver(cell: MetadataHolder, values: JSONObject): void {
  const before = Object.keys(values).map(
    key => [key, cell.getMetadata(key) as JSONValue | undefined] as const
  );
  put(cell, Object.entries(values));
  queueMicrotask(() => {
    if (!cell.isDisposed) {
      put(cell, before);
    }
  });
}

function put(cell: MetadataHolder, values: (readonly [string, JSONValue | undefined])[]): void {
  cell.transact(() => {
    for (const [key, value] of values) {
      if (value === undefined) {
        cell.deleteMetadata(key);
      } else {
        cell.setMetadata(key, value);
      }
    }
  }, false);
}
