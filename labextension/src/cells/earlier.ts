/**
 * What stood where a cell stands now: the model's text of an action that the user changed, and
 * the turns of a prompt that later ones replaced. It is only looked at; nothing of it runs.
 */
import type { ISharedCell } from '@jupyter/ydoc';

import { branchesOf, isObject, savedMetadata } from './metadata';
import { trans } from '../translation';

/** Texts that belonged together. */
export interface IEarlier {
  readonly title: string;
  readonly texts: readonly string[];
}

/** The earlier versions of a cell, the newest first; a file may hold anything there. */
export function earlierOf(cell: ISharedCell): IEarlier[] {
  const wrote: unknown = savedMetadata(cell)?.wrote;
  const own =
    typeof wrote === 'string' ? [{ title: trans.__('What the model wrote'), texts: [wrote] }] : [];
  const branches = branchesOf(cell).map((branch, place) => ({
    title: trans.__('Turn %1, replaced', place + 1),
    texts: textsOf(branch)
  }));
  return [...own, ...branches.filter(({ texts }) => texts.length > 0).reverse()];
}

function textsOf(branch: unknown): string[] {
  const cells: unknown = isObject(branch) ? branch.cells : null;
  const found = Array.isArray(cells) ? (cells as unknown[]) : [];
  return found
    .map(cell => (isObject(cell) ? cell.source : null))
    .filter(source => typeof source === 'string');
}
