/** Where a link of a model's text goes, and what has to be said about it. */

/** The longest part of an address that is shown where it is no link. */
const SHOWN = 200;

/**
 * The address that a link may go to, or null.
 *
 * Nothing is resolved: what names no host would be a file or a command of the user's own
 * server, and so would what names that server (`own`, its origin).
 */
export function addressOf(href: string, own: string): URL | null {
  const url = URL.canParse(href) ? new URL(href) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.origin !== own ? url : null;
}

/** Whether this text says by itself where the link goes. */
export function tells(text: string, url: URL): boolean {
  const named = text.trim();
  // a host is written in ASCII here: letters may look alike; and what stands before an @ in
  // an address looks like a host
  return (
    named === url.host ||
    (named.includes(url.host) &&
      URL.canParse(named) &&
      new URL(named).href === url.href &&
      url.username === '')
  );
}

/** An address as it is told where it is no link; empty where the text already tells it. */
export function told(href: string, text: string): string {
  if (href.endsWith(text) && text !== '') {
    return '';
  }
  return href.length > SHOWN ? `${href.slice(0, SHOWN)}…` : href;
}
