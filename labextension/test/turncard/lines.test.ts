/** What a screen reader hears of the card's lines: those that are put on the page. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { type LineList, showLines } from '../../src/turncard/lines';

let shown: Line[];
let said: (string | null)[];

class Line {
  textContent: string | null = null;

  replaceChildren(...parts: (string | Line)[]): void {
    const texts = parts.map(part => (typeof part === 'string' ? part : part.textContent));
    this.textContent = texts.join('');
  }

  remove(): void {
    shown = shown.filter(line => line !== this);
  }
}

const list = {
  get children() {
    return shown;
  },
  insertBefore(line: Line, before: Line | null) {
    said.push(line.textContent);
    shown.splice(before === null ? shown.length : shown.indexOf(before), 0, line);
  }
} as unknown as LineList;

beforeEach(() => {
  shown = [];
  said = [];
  vi.stubGlobal('document', { createElement: () => new Line() });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function show(...lines: string[]): (string | null)[] {
  said = [];
  showLines(list, lines);
  expect(shown.map(line => line.textContent)).toEqual(lines);
  return said;
}

test('only a line that is new is said', () => {
  expect(show('Not saved.')).toEqual(['Not saved.']);
  expect(show('Reading the notebook.', 'Not saved.')).toEqual(['Reading the notebook.']);
  expect(show('Asking again.', 'Not saved.')).toEqual(['Asking again.']);
  expect(show('Asking again.', 'Not saved.')).toEqual([]);
  expect(show('Not saved.')).toEqual([]);
  expect(show('Not saved.', 'Done.')).toEqual(['Done.']);
  expect(show()).toEqual([]);
});

test('lines in another order are the same lines', () => {
  show('one', 'two', 'three');
  show('three', 'one', 'two');
  show('two', 'one');
});

test('what stands between backticks is code, and no news where it stood there before', () => {
  showLines(list, ['Run `a` again.']);
  expect(shown.map(line => line.textContent)).toEqual(['Run a again.']);
  said = [];
  showLines(list, ['Run `a` again.']);
  expect(said).toEqual([]);
});
