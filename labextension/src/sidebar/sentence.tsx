/** A sentence in which what stands between backticks is code. */
import React from 'react';

import { partsOf } from '../sentences';

export function Sentence({ text }: { readonly text: string }): React.JSX.Element {
  return (
    <>{partsOf(text).map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>
  );
}
