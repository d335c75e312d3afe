/** Small pieces of the page. Text is only ever set as text: much of it is a model's. */

import { MOMENT } from './moment';
import { partsOf, spoken } from './sentences';

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = ''
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

export function button(label: string, className: string, onPress: () => void): HTMLButtonElement {
  const made = element('button', `codeact-Button ${className}`, label);
  made.type = 'button';
  made.addEventListener('click', onPress);
  // a press neither takes the focus nor makes the cell around it the active one
  made.addEventListener('mousedown', event => {
    event.preventDefault();
    event.stopPropagation();
  });
  return made;
}

/** Disable a button for a moment: what it does now nobody has read yet. */
export function pause(found: HTMLButtonElement): void {
  found.disabled = true;
  setTimeout(() => {
    found.disabled = false;
  }, MOMENT);
}

/** Give the focus to the cell around this node, if it is in this node, which goes. */
export function leave(node: HTMLElement): void {
  if (node.contains(document.activeElement)) {
    node.closest<HTMLElement>('.jp-Cell')?.focus({ preventScroll: true });
  }
}

/** Set a text only where it changed, so that a screen reader does not say it twice. */
export function write(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** The same for a sentence in which what stands between backticks is code. */
export function writeSentence(node: HTMLElement, sentence: string): void {
  if (node.textContent !== spoken(sentence)) {
    const parts = partsOf(sentence);
    node.replaceChildren(
      ...parts.map((part, at) => (at % 2 === 1 ? element('code', '', part) : part))
    );
  }
}
