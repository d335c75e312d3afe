/** Shows a text that changes all the time, as often as a page bears it. */

/** The least time between two renders, in ms. */
export const PAUSE = 250;

/** How many times as long as it rendered the page is left alone. */
const SHARE = 4;

/** One render after the other, never two at once; the last text is always shown. */
export class Pace {
  #next: string | null = null;
  #busy = false;

  constructor(private readonly render: (text: string) => Promise<void>) {}

  /** Show this text as soon as it may be, and none of those before. */
  show(text: string): void {
    this.#next = text;
    if (!this.#busy) {
      void this.#work();
    }
  }

  /** Begin no other render. */
  stop(): void {
    this.#next = null;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#next !== null) {
      const text = this.#next;
      this.#next = null;
      const began = performance.now();
      await this.render(text);
      const pause = Math.max(PAUSE, SHARE * (performance.now() - began));
      await new Promise(resolve => setTimeout(resolve, pause));
    }
    this.#busy = false;
  }
}
