/** Whether what happens now comes of a key that is held down. */

/** What is read of a key press. */
type Press = Event & { readonly repeat?: boolean };

const ENDS = ['keyup', 'pointerdown', 'blur'] as const;

/**
 * Watches the keys of a page. A key that is held down repeats its press, and with it the
 * command that it means; whoever holds Shift-Enter has read nothing of what comes next.
 */
export class Keys {
  #held = false;

  /** @param page - Hears of an event before anybody acts on it, as a window does. */
  constructor(page: EventTarget) {
    const options = { capture: true, passive: true };
    page.addEventListener(
      'keydown',
      event => void (this.#held = (event as Press).repeat === true),
      options
    );
    for (const end of ENDS) {
      page.addEventListener(end, () => void (this.#held = false), options);
    }
  }

  /** Whether the last press was a repetition, and the key is still down. */
  get held(): boolean {
    return this.#held;
  }
}
