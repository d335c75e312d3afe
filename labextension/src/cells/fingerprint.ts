import { digest } from 'lib0/hash/sha256';

const utf8 = new TextEncoder();

/**
 * SHA-256 of a text in lower-case hex, as Python's
 * `hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()`.
 *
 * Half of a surrogate pair is `?` there, and U+FFFD in a TextEncoder.
 */
export function fingerprint(text: string): string {
  const bytes = digest(utf8.encode(text.replace(/\p{Surrogate}/gu, '?')));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
