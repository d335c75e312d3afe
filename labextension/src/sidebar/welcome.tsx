/** What is shown where there is no conversation yet, or no way to the kernel. */
import React from 'react';

import { Button } from './button';
import type { Connection } from './model';
import { useServices } from './services';

export function Welcome(): React.JSX.Element {
  const { trans } = useServices();
  const lines = [
    trans.__('Ask in words. The model answers with Python, in cells of this notebook.'),
    trans.__('It may read your variables and files. Nothing runs before you approve it.'),
    trans.__(
      'Prompts, code, outputs and samples of your variables go to the model’s endpoint, and nowhere else.'
    ),
    trans.__('Approval is not a sandbox: what runs has all your rights.')
  ];
  return (
    <div className="codeact-Sidebar-welcome">
      {lines.map(line => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}

/** What keeps a message from getting through, and what helps; nothing where all is well. */
export function Obstacle({ connection }: { readonly connection: Connection }): React.ReactNode {
  const { deeds, trans } = useServices();
  switch (connection) {
    case 'connected':
      return null;
    case 'starting':
      return <Trouble says={trans.__('Waiting for the kernel…')} />;
    case 'none':
      return (
        <Trouble says={trans.__('No notebook is open.')}>
          <Button label={trans.__('New notebook')} onPress={() => deeds.newNotebook()} />
        </Trouble>
      );
    case 'dead':
      return (
        <Trouble says={trans.__('This notebook has no kernel, so nothing can run.')}>
          <Button label={trans.__('Choose a kernel')} onPress={() => deeds.chooseKernel()} />
        </Trouble>
      );
    case 'unloaded':
      return (
        <Trouble says={trans.__('CodeAct is not loaded in this kernel.')}>
          <Button label={trans.__('Load CodeAct')} kind="primary" onPress={() => deeds.load()} />
        </Trouble>
      );
  }
}

interface ITrouble {
  readonly says: string;
  readonly children?: React.ReactNode;
}

function Trouble({ says, children }: ITrouble): React.JSX.Element {
  return (
    <div className="codeact-Sidebar-obstacle" role="status">
      <p>{says}</p>
      {children}
    </div>
  );
}
