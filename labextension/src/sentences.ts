/** Sentences in which code, as a name or a command, stands between backticks. */

const CODE = /`([^`\n]+)`/;

/** Its parts; every other one, from the second on, is code. */
export function partsOf(sentence: string): string[] {
  return sentence.split(CODE);
}

/** The sentence as it is read aloud. */
export function spoken(sentence: string): string {
  return partsOf(sentence).join('');
}
