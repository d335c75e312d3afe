/**
 * How long a parser of Markdown has to work. Some of its patterns take the square of a
 * paragraph's length and the cube of the marks in it: a few pages of stars hold up a page for
 * minutes.
 */

const PARAGRAPHS = /\n[ \t]*\n/;
const MARK = /[*~`]|(?<!\w)_|_(?!\w)/g;

/** A paragraph of 20,000 characters, or with 1,500 marks: about a second. */
const MOST = 4e8;

/** Marks that may begin a block over all that follows. */
const MARKS = 10_000;

/** Whether a parser gets through this text in about a second. */
export function isQuick(markdown: string): boolean {
  let work = 0;
  let marks = 0;
  for (const paragraph of markdown.split(PARAGRAPHS)) {
    const found = paragraph.match(MARK)?.length ?? 0;
    marks += found;
    work += paragraph.length ** 2 + found ** 3 / 8;
  }
  return work <= MOST && marks <= MARKS;
}
