/**
 * What a model's text must not do by a formula or a diagram in it.
 *
 * MathJax fetches an extension that a formula asks for, and a picture that a style in one
 * names as the mouse's pointer; it links to addresses it takes for harmless. So the macros
 * that do so are no macros any more before it reads them. A diagram may name pictures,
 * and is drawn while Markdown is parsed: it stays the text that it is.
 */

const FORMULA = /\$|\\[([]|\\begin/;
const MACRO = /\\(?=require|href|style|class|cssId|mmlToken|bbox|fcolorbox|setOptions)/gi;
const DIAGRAM = /([`~]{3}[^\w\n]*)mermaid/gi;

/** Whether a typesetter may find a formula in this text. */
export function hasFormula(text: string): boolean {
  return FORMULA.test(text);
}

/** A formula that can do nothing but be read. */
export function harmless(formula: string): string {
  return formula.replace(MACRO, '\u2216'); // which looks like a backslash
}

/** A Markdown text whose diagrams are blocks of text. */
export function withoutDiagrams(markdown: string): string {
  return markdown.replace(DIAGRAM, '$1text');
}
