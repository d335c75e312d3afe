/**
 * A model's Markdown, shown by JupyterLab's own parser, highlighter and typesetter, which can
 * do nothing: it asks no server for anything, runs no command and leads only where it says.
 *
 * JupyterLab's own renderer of Markdown allows more, for notebooks that their user trusts or
 * has written: pictures, forms, ids, buttons that run commands, links to files of the server.
 */
import { removeMath, replaceMath } from '@jupyterlab/rendermime';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { element } from '../dom';
import { clean, LINK } from './clean';
import { hasFormula, withoutDiagrams } from './formulas';
import { isQuick } from './work';

/** What it takes of a registry: whoever made that, what is shown is safe. */
export type Parts = Pick<IRenderMimeRegistry, 'markdownParser' | 'latexTypesetter'>;

/** The place of one text. */
export class SafeMarkdown {
  readonly node = element('div', 'jp-RenderedHTMLCommon jp-RenderedMarkdown');

  constructor(private readonly parts: Parts) {}

  /** Show this text in place of the one before. */
  async show(markdown: string): Promise<void> {
    const html = await this.#parse(markdown);
    if (html === null) {
      this.node.replaceChildren(element('pre', '', markdown));
    } else {
      this.node.replaceChildren(clean(html));
      await this.#typeset();
    }
  }

  /** Its HTML, in which anything may stand; null where it is to be shown as it is. */
  async #parse(markdown: string): Promise<string | null> {
    const { markdownParser } = this.parts;
    if (markdownParser === null || !isQuick(markdown)) {
      return null;
    }
    try {
      const { text, math } = removeMath(withoutDiagrams(markdown));
      return replaceMath(await markdownParser.render(text), math);
    } catch (fault) {
      console.warn('CodeAct shows a text as it is that cannot be read as Markdown:', fault);
      return null;
    }
  }

  async #typeset(): Promise<void> {
    const { latexTypesetter } = this.parts;
    // what has no formula is not worth to load a typesetter for
    if (latexTypesetter === null || !hasFormula(this.node.textContent)) {
      return;
    }
    try {
      await latexTypesetter.typeset(this.node);
    } catch (fault) {
      console.warn('CodeAct shows formulas as they are that cannot be set:', fault);
    }
    for (const made of this.node.querySelectorAll(`[href]:not(.${LINK})`)) {
      made.removeAttribute('href');
    }
    for (const wide of this.node.querySelectorAll<HTMLElement>('mjx-container[display]')) {
      wide.tabIndex = 0; // it scrolls by the arrow keys
    }
  }
}
