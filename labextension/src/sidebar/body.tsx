/** Text of the model, as Markdown that can do nothing. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import React, { useEffect, useRef } from 'react';

import { Pace } from './pace';
import { SafeMarkdown } from './safe';

/** How much of a text is shown, in UTF-16 units: a page bears no more. */
const SHOWN = 200_000;

export interface IBody {
  readonly text: string;
  readonly rendermime: IRenderMimeRegistry;
}

export const Body = React.memo(function Body({ text, rendermime }: IBody): React.JSX.Element {
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
      {shown !== text && <p className="codeact-Body-cut">{cutAt(text.length)}</p>}
    </div>
  );
});

function cutAt(length: number): string {
  const [some, all] = [SHOWN.toLocaleString(), length.toLocaleString()];
  return `Only the first ${some} of ${all} characters are shown here; the cell holds them all.`;
}
