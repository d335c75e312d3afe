/** What is said of an action. */
import { fingerprint } from './fingerprint';
import type { SavedMetadata } from './metadata';

/** What is said of an action that did not run. */
const ENDS: ReadonlyMap<string, string> = new Map([
  ['rejected', 'You rejected this; it did not run.'],
  ['refused', 'Refused; it did not run.'],
  ['stopped', 'The turn was stopped; this did not run.']
]);

/** What is said of an action since its turn went on. */
const SINCE: ReadonlyMap<string, string> = new Map([
  ['changed', 'You changed this step and ran it again: what the turn did after it is stale.'],
  ['stale', 'Stale: a step above was changed and run again since.']
]);

/** One line about an action, or '' where its outputs say it all. */
export function noteOf(about: SavedMetadata, running: boolean, ran: boolean): string {
  const status = about.status ?? '';
  switch (status) {
    case 'writing':
      return running ? 'writing…' : 'Never finished: the model was still writing this.';
    case 'timed_out':
      return SINCE.get(about.since ?? '') ?? 'Interrupted: it took longer than an action may.';
    default:
      return ran ? (SINCE.get(about.since ?? '') ?? '') : (ENDS.get(status) ?? '');
  }
}

/**
 * What an action would do, in words, and whether that is grave. Only the model's text was
 * graded: where the cell holds another `source` by now, that is said, and nobody knows more.
 */
export function gradeOf(about: SavedMetadata, source: string): { words: string; grave: boolean } {
  const found = (about.grade ?? {}) as { words?: unknown; grave?: unknown };
  const words = typeof found.words === 'string' ? found.words : '';
  const grave = found.grave === true; // also where he edited it: the grave part may still be there
  const graded: unknown = about.fingerprint ?? '';
  if (words !== '' && graded !== '' && graded !== fingerprint(source)) {
    return { words: `edited; the grade of the model’s text: ${words}`, grave };
  }
  return { words, grave };
}
