/** The commands by which the notebook and the chat point at each other. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { turnOf } from '../cells/metadata';
import type { SidebarDeeds } from './deeds';
import type { Sidebar } from './panel';
import { errorOf, explain, fix, quoteCell } from './quoting';

/** The menu of a cell and the shortcuts in `schema/plugin.json` name them too. */
export const ChatCommandIDs = {
  open: 'codeact:open-chat',
  show: 'codeact:show-in-chat',
  ask: 'codeact:ask-about-cell',
  explain: 'codeact:explain-cell',
  fix: 'codeact:fix-cell'
} as const;

interface ICellCommand {
  readonly id: string;
  readonly label: string;
  readonly caption: string;
  readonly fits: (cell: Cell) => boolean;
  readonly act: (cell: Cell) => unknown;
}

export function addChatCommands(
  app: JupyterFrontEnd,
  panel: Sidebar,
  deeds: SidebarDeeds,
  tracker: INotebookTracker,
  palette: ICommandPalette | null
): void {
  const { commands, shell } = app;
  const open = (): void => {
    shell.activateById(panel.id);
  };
  commands.addCommand(ChatCommandIDs.open, {
    label: 'Open the Chat',
    caption: 'Show the session of the notebook as a conversation, and write to the model',
    execute: () => {
      open();
      panel.focusField();
    }
  });
  for (const { id, label, caption, fits, act } of cellCommands(open, panel, deeds)) {
    commands.addCommand(id, {
      label,
      caption,
      isEnabled: () => tracker.activeCell !== null && fits(tracker.activeCell),
      execute: () => (tracker.activeCell === null ? undefined : act(tracker.activeCell))
    });
  }
  const changed = (): void => {
    Object.values(ChatCommandIDs).forEach(id => {
      commands.notifyCommandChanged(id);
    });
  };
  tracker.activeCellChanged.connect(changed);
  for (const command of Object.values(ChatCommandIDs)) {
    palette?.addItem({ command, category: 'CodeAct' });
  }
}

function cellCommands(open: () => void, panel: Sidebar, deeds: SidebarDeeds): ICellCommand[] {
  const hasText = ({ model }: Cell): boolean => model.sharedModel.getSource().trim() !== '';
  return [
    {
      id: ChatCommandIDs.show,
      label: 'Show in Chat',
      caption: 'Show this cell in the conversation',
      fits: ({ model }) => turnOf(model.sharedModel) !== '',
      act: ({ model }) => {
        open();
        panel.pointAt(model.id);
      }
    },
    {
      id: ChatCommandIDs.ask,
      label: 'Ask CodeAct about This Cell',
      caption: 'Write to the model about this cell',
      fits: hasText,
      act: ({ model }) => {
        open();
        panel.focusField(`\n\n${quoteCell(model.sharedModel)}`);
      }
    },
    {
      id: ChatCommandIDs.explain,
      label: 'Explain This Cell',
      caption: 'Ask the model what this cell does',
      fits: hasText,
      act: ({ model }) => deeds.send({ words: explain(model.sharedModel) })
    },
    {
      id: ChatCommandIDs.fix,
      label: 'Fix This Cell with CodeAct',
      caption: 'Ask the model for the cause of its error, and a cell that works',
      fits: ({ model }) => errorOf(model.sharedModel) !== '',
      act: ({ model }) => deeds.send({ words: fix(model.sharedModel) })
    }
  ];
}
