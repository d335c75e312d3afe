/** Where the focus goes, and where not: it is the user's. */

/**
 * Keeps the focus in the panel when the button or field that had it goes or is put out of use:
 * the browser would let it fall to the body, and the next Tab would begin at the top of the page.
 */
export function keepFocus(node: HTMLElement): void {
  /** What has the focus in the panel, and all around it; empty while it is elsewhere. */
  let path: Element[] = [];
  document.addEventListener('focusin', ({ target }) => {
    path = [];
    let at = target as Element | null;
    while (at !== null && node.contains(at)) {
      path.push(at);
      at = at.parentElement;
    }
  });
  new MutationObserver(() => {
    const [last] = path;
    const active = document.activeElement;
    const lost = last !== undefined && (!last.isConnected || last.matches(':disabled'));
    if (lost && (active === document.body || active === last)) {
      const near = path.find(each => each !== last && each.isConnected && each.matches(PLACES));
      const field = node.querySelector('.codeact-Sidebar-field');
      const place = near ?? field ?? node.querySelector('[tabindex]');
      (place as HTMLElement | null)?.focus({ preventScroll: true });
    }
  }).observe(node, { attributeFilter: ['disabled'], childList: true, subtree: true });
}

/**
 * Gives the focus to what this selector finds in the panel, as soon as that is there; not where the
 * user has gone on to something else before.
 */
export function focusWhenThere(node: HTMLElement, selector: string): void {
  const aborter = new AbortController();
  const stop = (): void => {
    aborter.abort();
    observer.disconnect();
  };
  const look = (): void => {
    const found = node.querySelector<HTMLElement>(selector);
    if (found !== null) {
      stop();
      found.focus();
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(node, { childList: true, subtree: true });
  for (const event of ['keydown', 'pointerdown']) {
    document.addEventListener(event, stop, { capture: true, signal: aborter.signal });
  }
  look();
}

/** Where it goes: what is nearest to where it was. */
const PLACES = 'section, [role="log"]';
