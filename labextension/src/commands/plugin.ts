/** The commands of the palette and the menu; each is enabled only where it makes sense. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookCellExecutor, INotebookTracker } from '@jupyterlab/notebook';

import { ITurns } from '../tokens';
import { trans } from '../translation';
import { CommandIDs } from './ids';
import { CommandedNotebook } from './notebook';

type Commands = JupyterFrontEnd['commands'];

/** A command that acts on the notebook that the user is in. */
interface ICommand {
  readonly id: string;
  readonly label: string;
  readonly caption: string;
  readonly fits: (notebook: CommandedNotebook) => boolean;
  readonly act: (notebook: CommandedNotebook) => void | Promise<void>;
}

/** Also emitted by the toolbar's button and the keys; the menu's own command adds another. */
const INTERRUPT = 'notebook:interrupt-kernel';

export const commands: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:commands',
  description: 'Commands to stop, run, reject, remove and tidy turns.',
  autoStart: true,
  requires: [ITurns, INotebookTracker, INotebookCellExecutor],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    turns: ITurns,
    tracker: INotebookTracker,
    executor: INotebookCellExecutor,
    palette: ICommandPalette | null
  ) => {
    const current = (): CommandedNotebook | null => {
      const panel = tracker.currentWidget;
      return panel && new CommandedNotebook(panel, turns.of(panel));
    };
    for (const command of commandsWith(executor)) {
      add(app.commands, command, current);
    }
    addSettings(app.commands);
    for (const id of Object.values(CommandIDs)) {
      palette?.addItem({ command: id, category: 'CodeAct' });
    }
    followState(app.commands, turns, tracker);
    app.commands.commandExecuted.connect((_, { id }) => {
      if (id === INTERRUPT) {
        turns.current?.interrupted();
      }
    });
  }
};

function commandsWith(executor: INotebookCellExecutor): ICommand[] {
  return [
    {
      id: CommandIDs.stop,
      label: trans.__('Stop This Turn'),
      caption: trans.__('End the running turn; interrupts the kernel if one of its actions runs'),
      fits: ({ turns }) => turns.running?.stopping === false,
      act: ({ turns }) => {
        turns.stop();
      }
    },
    {
      id: CommandIDs.runProposal,
      label: trans.__('Run the Proposal'),
      caption: trans.__('Run the proposed action; that approves it'),
      fits: ({ proposal }) => proposal !== null,
      act: notebook => notebook.run(executor)
    },
    {
      id: CommandIDs.rejectProposal,
      label: trans.__('Reject the Proposal…'),
      caption: trans.__('Remove the proposed action, with a reason for the model if you like'),
      fits: ({ proposal }) => proposal !== null,
      act: notebook => {
        notebook.reject();
      }
    },
    ...stepCommands(executor),
    ...turnCommands()
  ];
}

function stepCommands(executor: INotebookCellExecutor): ICommand[] {
  return [
    {
      id: CommandIDs.continueFrom,
      label: trans.__('Continue from This Step'),
      caption: trans.__(
        'Ask for the steps after this one again; the ones that are there are kept aside'
      ),
      fits: ({ canContinue }) => canContinue,
      act: notebook => notebook.continueFrom(executor)
    },
    {
      id: CommandIDs.showEarlier,
      label: trans.__('Show Earlier Versions of This Cell'),
      caption: trans.__(
        'The model’s own text of an edited step, or the turns that a prompt had before'
      ),
      fits: ({ earlier }) => earlier.length > 0,
      act: notebook => notebook.showEarlier()
    }
  ];
}

function turnCommands(): ICommand[] {
  return [
    {
      id: CommandIDs.approveRest,
      label: trans.__('Run All Remaining Steps of This Turn'),
      caption: trans.__('Run this proposal and all later ones of the running turn without asking'),
      fits: ({ turns: { running } }) =>
        running !== null && !running.stopping && running.card.policy === 'ask',
      act: ({ turns }) => {
        turns.approveRest(turns.running?.id ?? '');
      }
    },
    {
      id: CommandIDs.removeTurn,
      label: trans.__('Remove This Turn’s Cells'),
      caption: trans.__('Remove all cells that the turn of the active cell brought in'),
      fits: ({ finishedTurn }) => finishedTurn !== null,
      act: notebook => {
        notebook.removeTurn();
      }
    },
    {
      id: CommandIDs.tidyTurn,
      label: trans.__('Tidy This Turn'),
      caption: trans.__('Remove its failed and superseded steps; what you edited stays'),
      fits: ({ isUntidy }) => isUntidy,
      act: notebook => {
        notebook.tidyTurn();
      }
    },
    {
      id: CommandIDs.newPrompt,
      label: trans.__('New Prompt Cell Below'),
      caption: trans.__('Insert a cell in which you ask the model'),
      fits: () => true,
      act: notebook => notebook.newPrompt()
    }
  ];
}

function add(commands: Commands, command: ICommand, current: () => CommandedNotebook | null): void {
  const { id, label, caption } = command;
  commands.addCommand(id, {
    label,
    caption,
    isEnabled: () => {
      const notebook = current();
      return notebook !== null && command.fits(notebook);
    },
    execute: () => {
      const notebook = current();
      return notebook === null ? undefined : command.act(notebook);
    }
  });
}

function addSettings(commands: Commands): void {
  const editor = 'settingeditor:open';
  commands.addCommand(CommandIDs.settings, {
    label: trans.__('Settings…'),
    caption: trans.__('The settings of CodeAct in JupyterLab'),
    isEnabled: () => commands.hasCommand(editor),
    execute: () => commands.execute(editor, { query: 'CodeAct' })
  });
}

/** Menus and shortcuts ask again whether a command is enabled. */
function followState(commands: Commands, turns: ITurns, tracker: INotebookTracker): void {
  const changed = (): void => {
    Object.values(CommandIDs).forEach(id => {
      commands.notifyCommandChanged(id);
    });
  };
  turns.changed.connect(changed);
  tracker.activeCellChanged.connect(changed);
  tracker.currentChanged.connect(changed);
}
