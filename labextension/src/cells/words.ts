/** What is said below an action that shows no proposal. */
import type { SavedMetadata } from './metadata';

/** One line about an action, or '' where its outputs say it all. */
export function noteOf(about: SavedMetadata, running: boolean): string {
  switch (about.status ?? '') {
    case 'writing':
      return running ? 'writing…' : 'Never finished: the model was still writing this.';
    case 'rejected':
      return 'You rejected this; it did not run.';
    case 'refused':
      return 'Refused; it did not run.';
    case 'stopped':
      return 'The turn was stopped; this did not run.';
    case 'timed_out':
      return 'Interrupted: it took longer than an action may.';
    default:
      return '';
  }
}

/** What an action would do, in words, and whether that is grave. */
export function gradeOf(about: SavedMetadata): { words: string; grave: boolean } {
  const { words, grave } = (about.grade ?? {}) as { words?: unknown; grave?: unknown };
  return { words: typeof words === 'string' ? words : '', grave: grave === true };
}
