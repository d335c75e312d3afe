/** What of the notebook goes into a message: as text that the user sees before he sends it. */
import type { ISharedCell, ISharedCodeCell } from '@jupyter/ydoc';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Code between fences that nothing in it closes. */
export function quoted(code: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map(ticks => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}python\n${code.trimEnd()}\n${fence}`;
}

/** The error that a cell shows, in one line, or ''. */
export function errorOf(cell: ISharedCell): string {
  if (cell.cell_type !== 'code') {
    return '';
  }
  const { outputs } = cell as ISharedCodeCell;
  const error = outputs.filter(({ output_type }) => output_type === 'error').at(-1);
  const { ename, evalue } = (error ?? {}) as { ename?: string; evalue?: string };
  return ename === undefined ? '' : `${ename}: ${evalue ?? ''}`;
}

/** `In [3]` as the model reads it too, or '' for a cell that has not run. */
export function numberOf(cell: ISharedCell): string {
  const count = cell.cell_type === 'code' ? (cell as ISharedCodeCell).execution_count : null;
  return typeof count === 'number' ? `In [${count}]` : '';
}

/** A cell, to be asked about. */
export function quoteCell(cell: ISharedCell): string {
  const number = numberOf(cell);
  const source = cell.getSource();
  const text = cell.cell_type === 'code' ? quoted(source) : source;
  return number === '' ? text : `${number}:\n${text}`;
}

export function explain(cell: ISharedCell, trans: TranslationBundle): string {
  return `${trans.__('Explain what this cell does.')}\n\n${quoteCell(cell)}`;
}

export function fix(cell: ISharedCell, trans: TranslationBundle): string {
  const words = trans.__('This cell failed. Find the cause and fix it.');
  return `${words}\n\n${quoteCell(cell)}\n\n${errorOf(cell)}`;
}
