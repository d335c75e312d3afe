/**
 * A model's text as parts of the page that can do nothing but be read.
 *
 * What JupyterLab's Markdown parser made is read in a document that is not shown, where
 * nothing loads and nothing runs, and built anew from the few elements below. All else is
 * the text that it was. Nothing of the source reaches the page but text, classes that name
 * a colour of code, and addresses of links.
 */
import { addressOf, tells, told } from './addresses';
import { harmless, hasFormula } from './formulas';

/** The class of a link that leads out of the page. */
export const LINK = 'codeact-Body-link';

const KEPT = new Set(
  (
    'p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong b i u s del ins sub sup ' +
    'kbd mark small table thead tbody tfoot tr th td span div'
  ).split(' ')
);
const BLOCKS = /^(?:p|h\d|li|t[hd])$/;

/** What of an element's attributes is kept, as it is. */
const ATTRIBUTES: Readonly<Record<string, readonly [name: string, value: RegExp]>> = {
  code: ['class', /^language-[\w+#.-]+$/],
  ol: ['start', /^\d{1,9}$/],
  td: ['align', /^(?:left|right|center)$/],
  th: ['align', /^(?:left|right|center)$/]
};

/** The classes that a highlighter gives, one or more. */
const HIGHLIGHT = /^(?:(?:ͼ|cm-|tok-)[\w-]+ ?)+$/;

/** The parts of this HTML, for one place of the page. */
export function clean(html: string): DocumentFragment {
  const made = document.createDocumentFragment();
  // with its body begun, nothing of the source becomes part of a head or a frameset
  copy(new DOMParser().parseFromString(`<body>${html}`, 'text/html').body, made);
  tame(made);
  return made;
}

function copy(from: Node, into: ParentNode & Node): void {
  for (const child of from.childNodes) {
    if (child instanceof Element) {
      put(child, into);
    } else if (child instanceof Comment) {
      into.append(`<!--${child.data}-->`);
    } else {
      into.append(child.textContent ?? '');
    }
  }
}

function put(found: Element, into: ParentNode & Node): void {
  const name = found.localName;
  if (name === 'a') {
    link(found, into);
  } else if (name === 'img') {
    picture(found, into);
  } else if (name === 'input' && found.getAttribute('type') === 'checkbox') {
    into.append(found.hasAttribute('checked') ? '☑' : '☐');
  } else if (KEPT.has(name)) {
    const made = document.createElement(name);
    keepAttribute(found, made);
    copy(found, made);
    into.append(name === 'table' ? scrolling(made) : made);
  } else {
    into.append(startOf(found));
    copy(found, into);
  }
}

/** A table that is wider than the text scrolls in a box of its own, by the arrow keys too. */
function scrolling(table: HTMLElement): HTMLElement {
  const box = document.createElement('div');
  box.className = 'codeact-Body-table';
  box.tabIndex = 0;
  box.append(table);
  return box;
}

function keepAttribute(from: Element, to: HTMLElement): void {
  const name = to.localName;
  const [attribute, allowed] =
    name === 'span' ? (['class', HIGHLIGHT] as const) : (ATTRIBUTES[name] ?? []);
  const value = attribute && from.getAttribute(attribute);
  if (attribute && value && allowed?.test(value)) {
    to.setAttribute(attribute, value);
  }
  if (BLOCKS.test(name)) {
    to.dir = 'auto';
  } else if (name === 'pre' || name === 'code') {
    to.dir = 'ltr';
  }
}

/** The tag with which an element began, about as it was written. */
function startOf(found: Element): string {
  const shallow = found.cloneNode(false) as Element;
  return shallow.outerHTML.replace(/<\/[^>]*>$/, '');
}

function link(found: Element, into: ParentNode & Node): void {
  lead(found.getAttribute('href') ?? '', into, made => {
    copy(found, made);
  });
}

/** A picture is what it is called, or a sign for one, and a link to it: to show it would load it. */
function picture(found: Element, into: ParentNode & Node): void {
  lead(found.getAttribute('src') ?? '', into, made => {
    const called = found.getAttribute('alt') ?? '';
    made.append(called === '' ? '🖼' : called);
  });
}

function lead(href: string, into: ParentNode & Node, fill: (made: HTMLElement) => void): void {
  const url = addressOf(href, location.origin);
  const inLink = into instanceof Element && into.closest('a') !== null;
  const made = url === null || inLink ? document.createElement('span') : anchor(url);
  fill(made);
  into.append(made);
  const text = made.textContent;
  if (url !== null && text.trim() === '') {
    made.textContent = url.host;
    return;
  }
  const where = url === null ? told(href, text) : tells(text, url) ? '' : url.host;
  if (where !== '') {
    const note = document.createElement('bdi'); // the text may turn round what follows it
    note.className = 'codeact-Body-where';
    note.textContent = ` (${where})`;
    into.append(note);
  }
}

function anchor(url: URL): HTMLAnchorElement {
  const made = document.createElement('a');
  made.className = LINK;
  made.href = url.href;
  made.target = '_blank';
  made.rel = 'noopener noreferrer';
  return made;
}

/** Take the power out of formulas, which a typesetter finds in all text but code. */
function tame(made: DocumentFragment): void {
  made.normalize(); // a macro may come in pieces
  if (hasFormula(made.textContent)) {
    const texts = document.createTreeWalker(made, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode as Text;
      if (!text.parentElement?.closest('code, pre')) {
        text.data = harmless(text.data);
      }
    }
  }
}
