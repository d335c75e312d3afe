/** What is said of an action. */
import { fingerprint } from './fingerprint';
import type { SavedMetadata } from './metadata';
import { trans } from '../translation';

/** What is said of an action that did not run. */
function endOf(status: string): string {
  switch (status) {
    case 'rejected':
      return trans.__('You rejected this; it did not run.');
    case 'refused':
      return trans.__('Refused; it did not run.');
    case 'stopped':
      return trans.__('The turn was stopped; this did not run.');
    default:
      return '';
  }
}

/** What is said of an action since its turn went on. */
function sinceOf(about: SavedMetadata): string {
  const since: string = about.since ?? '';
  switch (since) {
    case 'changed':
      return trans.__(
        'You changed this step and ran it again: what the turn did after it is stale.'
      );
    case 'stale':
      return trans.__('Stale: a step above was changed and run again since.');
    default:
      return '';
  }
}

/** One line about an action, or '' where its outputs say it all. */
export function noteOf(about: SavedMetadata, running: boolean, ran: boolean): string {
  const status = about.status ?? '';
  switch (status) {
    case 'writing':
      return running
        ? trans.__('writing…')
        : trans.__('Never finished: the model was still writing this.');
    case 'timed_out':
      return sinceOf(about) || trans.__('Interrupted: it took longer than an action may.');
    default:
      return ran ? sinceOf(about) : endOf(status);
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
    return { words: trans.__('edited; the grade of the model’s text: %1', words), grave };
  }
  return { words, grave };
}
