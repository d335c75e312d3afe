/** The sentences below the card's line. */
import { element, writeSentence } from '../dom';
import { spoken } from '../sentences';

/** What is used of the element that holds them. */
export type LineList = Pick<HTMLElement, 'children' | 'insertBefore'>;

/**
 * Show these lines, each once. What stands there already is left alone: a screen reader says
 * what is new to the page, so a line that is put there anew is said anew.
 */
export function showLines(list: LineList, lines: readonly string[]): void {
  const texts = lines.map(spoken);
  for (const shown of Array.from(list.children)) {
    if (!texts.includes(shown.textContent)) {
      shown.remove();
    }
  }
  lines.forEach((line, place) => {
    const there = list.children[place] ?? null;
    if (there?.textContent !== spoken(line)) {
      const added = element('div', '');
      writeSentence(added, line);
      list.insertBefore(added, there);
    }
  });
  for (const left of Array.from(list.children).slice(lines.length)) {
    left.remove();
  }
}
