/** Closes a switch over all kinds of a union: a new kind that nobody handles does not compile. */
export function assertNever(value: never): never {
  throw new Error(`No case for ${JSON.stringify(value)}; the switch above must name every kind.`);
}
