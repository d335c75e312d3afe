/** What was decided about cells in this page, and is neither in the file nor the kernel's. */
import type { IDecisions } from '../tokens';

export class Decisions implements IDecisions {
  /**
   * @param changed - Called when something that is shown may have changed.
   */
  constructor(private readonly changed: () => void) {}

  get passes(): number {
    return this.passesSoFar;
  }

  skipped(cellId: string, first: boolean): void {
    this.passed.add(cellId);
    this.passesSoFar += first ? 1 : 0;
    this.changed();
  }

  isSkipped(cellId: string): boolean {
    return this.passed.has(cellId);
  }

  /** The kernel was sent this cell. */
  sent(cellId: string): void {
    this.passed.delete(cellId);
  }

  /** The user rejected this proposal; `heard` resolves when the kernel knows. */
  rejected(cellId: string, heard: Promise<unknown>): void {
    this.leaving.add(cellId);
    this.changed();
    void heard.then(() => {
      this.leaving.delete(cellId);
      this.changed();
    });
  }

  isRejected(cellId: string): boolean {
    return this.leaving.has(cellId);
  }

  continueFrom(promptId: string, step: number): () => void {
    return note(this.continuations, promptId, { step });
  }

  takeContinuation(promptId: string): number {
    return take(this.continuations, promptId)?.step ?? 0;
  }

  askAgain(promptId: string): () => void {
    return note(this.again, promptId, {});
  }

  takeAgain(promptId: string): boolean {
    return take(this.again, promptId) !== undefined;
  }

  private passesSoFar = 0;
  /** The unapproved cells that Run All came past. */
  private readonly passed = new Set<string>();
  private readonly leaving = new Set<string>();
  private readonly continuations = new Map<string, { readonly step: number }>();
  private readonly again = new Map<string, object>();
}

/** Keep a wish for a prompt until it is taken; returns what takes this one back. */
function note<T>(wishes: Map<string, T>, promptId: string, wish: T): () => void {
  wishes.set(promptId, wish);
  return () => {
    if (wishes.get(promptId) === wish) {
      wishes.delete(promptId);
    }
  };
}

function take<T>(wishes: Map<string, T>, promptId: string): T | undefined {
  const wish = wishes.get(promptId);
  wishes.delete(promptId);
  return wish;
}
