/** The commands by which the notebook and the chat point at each other. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { isHidden, turnOf } from '../cells/metadata';
import type { Chat } from './chat';
import { errorOf, explain, fix, quoteCell } from './quoting';
import type { Sidebar } from './sidebar';

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
  sidebar: Sidebar,
  tracker: INotebookTracker,
  palette: ICommandPalette | null,
  trans: TranslationBundle
): void {
  const { commands, shell } = app;
  const open = (): Promise<Chat> => {
    shell.activateById(sidebar.id);
    return sidebar.chat();
  };
  commands.addCommand(ChatCommandIDs.open, {
    label: trans.__('Open the Chat'),
    caption: trans.__('Show the session of the notebook as a conversation, and write to the model'),
    execute: async () => {
      (await open()).view.focusField();
    }
  });
  for (const { id, label, caption, fits, act } of cellCommands(open, sidebar, tracker, trans)) {
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

function cellCommands(
  open: () => Promise<Chat>,
  sidebar: Sidebar,
  tracker: INotebookTracker,
  trans: TranslationBundle
): ICellCommand[] {
  return [
    {
      id: ChatCommandIDs.show,
      label: trans.__('Show in Chat'),
      caption: trans.__('Show this cell in the conversation'),
      fits: ({ model }) => turnOf(model.sharedModel) !== '',
      act: async ({ model }) => {
        (await open()).view.pointAt(model.id);
      }
    },
    {
      id: ChatCommandIDs.ask,
      label: trans.__('Ask CodeAct about This Cell'),
      caption: trans.__('Write to the model about this cell'),
      fits: hasText,
      act: async ({ model }) => {
        (await open()).view.focusField(`\n\n${quoteCell(model.sharedModel)}`);
      }
    },
    ...requests(sidebar, tracker, trans)
  ];
}

/** Those that send something at once. */
function requests(
  sidebar: Sidebar,
  tracker: INotebookTracker,
  trans: TranslationBundle
): ICellCommand[] {
  const send = async (cell: Cell, words: string): Promise<void> => {
    const panel = tracker.currentWidget;
    if (panel !== null) {
      await (await sidebar.chat()).deeds.sendBelow(panel, cell, { words });
    }
  };
  return [
    {
      id: ChatCommandIDs.explain,
      label: trans.__('Explain This Cell'),
      caption: trans.__('Ask the model what this cell does'),
      fits: cell => hasText(cell) && !isHidden(cell.model.sharedModel),
      act: cell => send(cell, explain(cell.model.sharedModel, trans))
    },
    {
      id: ChatCommandIDs.fix,
      label: trans.__('Fix This Cell with CodeAct'),
      caption: trans.__('Ask the model for the cause of its error, and a cell that works'),
      fits: ({ model }) => errorOf(model.sharedModel) !== '' && !isHidden(model.sharedModel),
      act: cell => send(cell, fix(cell.model.sharedModel, trans))
    }
  ];
}

function hasText({ model }: Cell): boolean {
  return model.sharedModel.getSource().trim() !== '';
}
