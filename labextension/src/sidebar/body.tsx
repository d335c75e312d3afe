/** Text of the model, as Markdown that can do nothing. */
import React, { useEffect, useRef } from 'react';

import { Pace } from './pace';
import { SafeMarkdown } from './safe';
import { useServices } from './services';

/** How much of a text is shown, in UTF-16 units: a page bears no more. */
const SHOWN = 200_000;

export interface IBody {
  readonly text: string;
}

export const Body = React.memo(function Body({ text }: IBody): React.JSX.Element {
  const { rendermime, trans } = useServices();
  const place = useRef<HTMLDivElement>(null);
  const pace = useRef<Pace | null>(null);
  const shown = text.slice(0, SHOWN);
  useEffect(() => {
    const markdown = new SafeMarkdown(rendermime);
    const paced = new Pace(next => markdown.show(next));
    place.current?.append(markdown.node);
    pace.current = paced;
    return () => {
      paced.stop();
      markdown.node.remove();
    };
  }, [rendermime]);
  useEffect(() => {
    pace.current?.show(shown);
  }, [shown, rendermime]);
  return (
    <div className="codeact-Body" dir="auto">
      <div ref={place} />
      {shown !== text && (
        <p className="codeact-Body-cut">
          {trans.__(
            'Only the first %1 of %2 characters are shown here; the cell holds them all.',
            SHOWN.toLocaleString(),
            text.length.toLocaleString()
          )}
        </p>
      )}
    </div>
  );
});
