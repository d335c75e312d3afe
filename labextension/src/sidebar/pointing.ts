/**
 * What `@` in a message can point at: variables, cells and files.
 *
 * Choosing one writes words that the model can read, so what is sent is what stands there.
 */
import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';
import type { TranslationBundle } from '@jupyterlab/translation';

import { isHidden } from '../cells/metadata';
import { numberOf, quoteCell } from './quoting';

/** Something that can be pointed at. */
export interface ITarget {
  /** What the user types behind `@`, and what the list shows. */
  readonly name: string;
  /** What it is, as a person sees it. */
  readonly detail: string;
  /** What stands in the message in its place. */
  readonly text: string;
}

/** An `@` with the beginning of a name, just before the caret. */
export interface IMention {
  readonly from: number;
  readonly name: string;
}

/** The most that a list shows. */
const MOST = 12;

/** The mention that is being typed, or null. */
export function mentionAt(text: string, caret: number): IMention | null {
  const found = /(?:^|\s)@([^\s@]*)$/.exec(text.slice(0, caret));
  const name = found?.[1];
  return name === undefined ? null : { from: caret - name.length - 1, name };
}

/** The targets whose name begins so, then those in which it stands. */
export function matching(targets: readonly ITarget[], typed: string): ITarget[] {
  const wanted = typed.toLowerCase();
  const found = targets.filter(({ name }) => name.toLowerCase().includes(wanted));
  const begins = ({ name }: ITarget): boolean => name.toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter(one => !begins(one))].slice(0, MOST);
}

/** The text with the mention replaced, and where the caret stands then. */
export function pointed(
  text: string,
  mention: IMention,
  target: ITarget
): { text: string; caret: number } {
  const before = text.slice(0, mention.from) + target.text;
  const rest = text.slice(mention.from + 1 + mention.name.length);
  return { text: `${before}${rest.startsWith(' ') ? '' : ' '}${rest}`, caret: before.length + 1 };
}

export function variableTargets(
  variables: readonly { name: string; type: string; shape: string }[]
): ITarget[] {
  return variables.map(({ name, type, shape }) => {
    const detail = shape === '' ? type : `${type}, ${shape}`;
    return { name, detail, text: `\`${name}\` (${detail})` };
  });
}

/** The active cell, and the cells that have run, the newest first; no hidden one by itself. */
export function cellTargets(
  notebook: ISharedNotebook,
  active: ISharedCell | null,
  trans: TranslationBundle
): ITarget[] {
  const run = notebook.cells.filter(cell => numberOf(cell) !== '' && !isHidden(cell)).reverse();
  const numbered = run.map(cell => ({
    name: numberOf(cell).replace(' ', ''),
    detail: firstLine(cell),
    text: `\n\n${quoteCell(cell)}\n\n`
  }));
  if (active === null) {
    return numbered;
  }
  const text = `\n\n${quoteCell(active)}\n\n`;
  const detail = trans.__('the active cell: %1', firstLine(active));
  return [{ name: 'selected', detail, text }, ...numbered];
}

export function fileTargets(names: readonly string[], trans: TranslationBundle): ITarget[] {
  return names.map(name => ({ name, detail: trans.__('file'), text: `\`${name}\`` }));
}

function firstLine(cell: ISharedCell): string {
  return cell.getSource().trim().split('\n')[0]?.slice(0, 60) ?? '';
}
