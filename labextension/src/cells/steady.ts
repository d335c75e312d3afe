/**
 * Keeps the line that the user types in where it is on the page, whatever a turn inserts
 * above it.
 *
 * Browsers do that by themselves (CSS Scroll Anchoring), but not where nothing has been
 * scrolled yet: at the very top of a notebook all that is inserted would push his line down.
 * From the first correction on it is scrolled, and the browser goes on.
 */
import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

import type { INotebookTurns } from '../tokens';

export class Steady implements IDisposable {
  #observer = new ResizeObserver(() => {
    this.#keep();
  });
  #cell: HTMLElement | null = null;
  #place = 0;

  constructor(
    private readonly notebook: Notebook,
    private readonly turns: INotebookTurns
  ) {
    this.#observer.observe(notebook.viewportNode);
    notebook.node.addEventListener('focusin', this.#note);
  }

  get isDisposed(): boolean {
    return this.notebook.isDisposed;
  }

  dispose(): void {
    this.#observer.disconnect();
    this.notebook.node.removeEventListener('focusin', this.#note);
  }

  /** The height of the notebook has changed; called before that is painted. */
  #keep(): void {
    const { outerNode } = this.notebook;
    const cell = this.#cell;
    const before = this.#place;
    this.#note();
    const moved = this.#place - before;
    const same = cell !== null && cell === this.#cell;
    if (same && moved !== 0 && outerNode.scrollTop === 0 && this.turns.running !== null) {
      outerNode.scrollTop = moved;
    }
  }

  /** Note which cell the user is in, and how far it is from the top. */
  readonly #note = (): void => {
    const { activeCell, outerNode } = this.notebook;
    const node = activeCell?.node ?? null;
    this.#cell = node?.contains(document.activeElement) === true ? node : null;
    if (this.#cell !== null) {
      const top = this.#cell.getBoundingClientRect().top - outerNode.getBoundingClientRect().top;
      this.#place = top + outerNode.scrollTop;
    }
  };
}
