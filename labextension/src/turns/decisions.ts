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

  continueFrom(promptId: string, step: number): void {
    this.continuations.set(promptId, step);
  }

  takeContinuation(promptId: string): number {
    const step = this.continuations.get(promptId) ?? 0;
    this.continuations.delete(promptId);
    return step;
  }

  askAgain(promptId: string): void {
    this.again.add(promptId);
  }

  takeAgain(promptId: string): boolean {
    return this.again.delete(promptId);
  }

  private passesSoFar = 0;
  /** The unapproved cells that Run All came past. */
  private readonly passed = new Set<string>();
  private readonly leaving = new Set<string>();
  private readonly continuations = new Map<string, number>();
  private readonly again = new Set<string>();
}
