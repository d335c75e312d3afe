/**
 * When a proposal came into sight. Whoever double-clicks on what was there before has not
 * read it: for a moment it is not approved by a button or a shortcut.
 */

/** How long that is, in milliseconds; a double click takes less. */
export const MOMENT = 500;

const since = new WeakMap<object, number>();

/** This cell comes into sight now. */
export function appears(cell: object): void {
  since.set(cell, Date.now());
}

/** Whether this cell came into sight just now. */
export function isJustThere(cell: object): boolean {
  const began = since.get(cell);
  return began !== undefined && Date.now() - began < MOMENT;
}
