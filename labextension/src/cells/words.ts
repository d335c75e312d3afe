/** What is said of an action. */
import type { SavedMetadata } from './metadata';

/** What is said of an action that did not run. */
const ENDS: ReadonlyMap<string, string> = new Map([
  ['rejected', 'You rejected this; it did not run.'],
  ['refused', 'Refused; it did not run.'],
  ['stopped', 'The turn was stopped; this did not run.']
]);

/** One line about an action, or '' where its outputs say it all. */
export function noteOf(about: SavedMetadata, running: boolean, ran: boolean): string {
  const status = about.status ?? '';
  switch (status) {
    case 'writing':
      return running ? 'writing…' : 'Never finished: the model was still writing this.';
    case 'timed_out':
      return 'Interrupted: it took longer than an action may.';
    default:
      return ran ? '' : (ENDS.get(status) ?? '');
  }
}

/** What an action would do, in words, and whether that is grave. */
export function gradeOf(about: SavedMetadata): { words: string; grave: boolean } {
  const { words, grave } = (about.grade ?? {}) as { words?: unknown; grave?: unknown };
  return { words: typeof words === 'string' ? words : '', grave: grave === true };
}
