/**
 * Which requests to run a cell belong together.
 *
 * "Run All" asks for all its cells in one synchronous run, so exactly the requests of one
 * microtask turn are one gesture of the user; no timer and no marker is needed. A later
 * Shift-Enter is a burst of its own.
 */
import type { TurnOutcome } from '../tokens';

/** The requests of one gesture. */
export class Burst {
  /** The ids of the cells that it wants to run; final once the current task's microtasks run. */
  readonly cells = new Set<string>();

  /** The turn that the next cell of this burst waits for, or null. */
  behind: Promise<TurnOutcome> | null = null;

  /** Whether it has come past a cell that nobody approved. */
  past = false;
}

/** The burst that each notebook is in at this moment. */
export class Bursts {
  #open = new WeakMap<object, Burst>();

  /** One more request of this notebook. */
  join(notebook: object, cellId: string): Burst {
    let burst = this.#open.get(notebook);
    if (burst === undefined) {
      burst = new Burst();
      this.#open.set(notebook, burst);
      queueMicrotask(() => this.#open.delete(notebook));
    }
    burst.cells.add(cellId);
    return burst;
  }
}
