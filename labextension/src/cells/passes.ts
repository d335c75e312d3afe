/** How often Run All came past cells that nobody approved: each time it is said anew. */
const passes = new WeakMap<object, number>();

/** It comes past some of this notebook now. */
export function comesPast(notebook: object): void {
  passes.set(notebook, timesPast(notebook) + 1);
}

/** How often that was since the page was loaded. */
export function timesPast(notebook: object): number {
  return passes.get(notebook) ?? 0;
}
