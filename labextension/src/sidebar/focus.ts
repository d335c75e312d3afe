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
      const place = near ?? node.querySelector('.codeact-Sidebar-field, [tabindex]');
      (place as HTMLElement | null)?.focus({ preventScroll: true });
    }
  }).observe(node, { attributeFilter: ['disabled'], childList: true, subtree: true });
}

/** Where it goes: what is nearest to where it was. */
const PLACES = 'section, [role="log"]';
