/**
 * What the sidebar does in the notebook, each as the user would do it there.
 *
 * A message becomes a `%%codeact` cell that is run: there is no other way to the model. Nothing
 * here takes the focus from where the user is, unless he asked to go to a cell.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { type Cell, CodeCell } from '@jupyterlab/cells';
import {
  type INotebookCellExecutor,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';

import { continueFrom } from '../cells/continuing';
import { bringIntoSight, isInSight } from '../cells/following';
import { findCell, isHidden, turnOf } from '../cells/metadata';
import { runProposal } from '../cells/proposals';
import { removeTurn, tidyTurn } from '../cells/tidy';
import { UndoGroups } from '../cells/undo';
import { CommandIDs } from '../commands/ids';
import type { IUserSettings } from '../commands/settings';
import { askKey } from './key';
import type { IConversation, SidebarModel } from './model';
import { errorOf, quoteCell, quoted } from './quoting';
import { placeForPrompt } from './transcript';

const LOAD = '%load_ext codeact_jupyter';

/** What the user sends. */
export interface IMessage {
  readonly words: string;
  /** Run every action of this turn without asking. */
  readonly auto?: boolean;
  /** Begin a new conversation. */
  readonly fresh?: boolean;
}

export class SidebarDeeds {
  constructor(
    private readonly model: SidebarModel,
    private readonly executor: INotebookCellExecutor,
    private readonly settings: IUserSettings,
    private readonly app: JupyterFrontEnd
  ) {}

  /** Insert a prompt with these words where the user is, and run it. */
  async send(message: IMessage): Promise<void> {
    const { conversation } = this.model;
    if (conversation !== null) {
      await this.sendBelow(conversation.panel, conversation.panel.content.activeCell, message);
    }
  }

  /** The same below a cell, or at the notebook's end. */
  async sendBelow(panel: NotebookPanel, above: Cell | null, message: IMessage): Promise<void> {
    const { content, context } = panel;
    const at = above === null ? -1 : content.widgets.indexOf(above);
    const place = placeForPrompt(context.model.sharedModel, at);
    const cell = insert(panel, promptOf(message), place);
    if (cell !== null) {
      if (!content.node.contains(document.activeElement)) {
        content.deselectAll();
        content.activeCellIndex = content.widgets.indexOf(cell); // the next one goes below it
      }
      await run(panel, cell);
    }
  }

  /** Load the package in the notebook's kernel, by a cell that any later run needs too. */
  async load(): Promise<void> {
    const { conversation } = this.model;
    if (conversation !== null) {
      const { panel } = conversation;
      const known = panel.content.widgets.find(
        ({ model }) => model.type === 'code' && model.sharedModel.getSource().trim() === LOAD
      );
      const cell = known ?? insert(panel, LOAD, 0);
      if (cell !== null) {
        await run(panel, cell);
      }
    }
  }

  /** With the kernel that the server has as its default: JupyterLab asks where it is told none. */
  async newNotebook(): Promise<void> {
    const kernelName = this.app.serviceManager.kernelspecs.specs?.default ?? '';
    await this.app.commands.execute('notebook:create-new', { kernelName });
  }

  /** Have the kernel ask for the key of the endpoint. */
  async enterKey({ panel }: IConversation): Promise<void> {
    const kernel = panel.sessionContext.session?.kernel;
    if (kernel) {
      const said = await askKey(kernel, this.settings.values());
      if (said !== '') {
        Notification.info(said, { autoClose: 10_000 });
      }
    }
  }

  async openSettings(): Promise<void> {
    await this.app.commands.execute(CommandIDs.settings);
  }

  async chooseKernel(): Promise<void> {
    await this.app.commands.execute('notebook:change-kernel');
  }

  /** What is selected in the active cell, or all of it, to be written about. */
  selection(): string {
    const cell = this.model.conversation?.panel.content.activeCell ?? null;
    if (cell === null) {
      return '';
    }
    const editor = cell.editor;
    const text = cell.model.sharedModel.getSource();
    const { start, end } = editor?.getSelection() ?? {};
    const from = start && editor ? editor.getOffsetAt(start) : 0;
    const to = end && editor ? editor.getOffsetAt(end) : 0;
    return from === to
      ? quoteCell(cell.model.sharedModel)
      : quoted(text.slice(Math.min(from, to), Math.max(from, to)));
  }

  /** The last error that the notebook shows to the model, with its cell; '' where there is none. */
  lastError(): string {
    const cells = this.model.conversation?.panel.context.model.sharedModel.cells ?? [];
    const failed = cells.filter(cell => errorOf(cell) !== '' && !isHidden(cell)).at(-1);
    return failed === undefined ? '' : `${quoteCell(failed)}\n\n${errorOf(failed)}`;
  }

  /** Show a cell in the notebook and make it the active one. */
  goTo(cellId: string, edit = false): void {
    const { conversation } = this.model;
    const cell = this.cell(cellId);
    if (conversation === null || cell === null) {
      return;
    }
    const { panel } = conversation;
    const { content } = panel;
    this.app.shell.activateById(panel.id);
    content.deselectAll();
    content.activeCellIndex = content.widgets.indexOf(cell);
    void content.scrollToItem(content.activeCellIndex, 'smart').then(async () => {
      await cell.ready;
      content.activate();
      content.mode = edit ? 'edit' : 'command';
    });
  }

  /**
   * Run a proposal whose text the user has `seen` in the panel.
   *
   * @returns Whether that still is its text; else it waits for him to read it again.
   */
  async approve(cellId: string, seen: string): Promise<boolean> {
    const { conversation } = this.model;
    const cell = this.cell(cellId);
    if (conversation === null || !(cell instanceof CodeCell)) {
      return false;
    }
    const same = cell.model.sharedModel.getSource() === seen;
    if (same) {
      await runProposal(conversation.panel, cell, this.executor);
    }
    return same;
  }

  /** Ask the same prompt anew; what its turn left is set aside with it. */
  async retry(promptId: string): Promise<void> {
    const { conversation } = this.model;
    const prompt = this.cell(promptId);
    if (conversation !== null && prompt !== null) {
      const takeBack = conversation.turns.decisions.askAgain(promptId);
      await run(conversation.panel, prompt).finally(takeBack);
    }
  }

  /** Go on where a limit ended a turn, with the same limit once more. */
  async goOn(turn: string, words: string): Promise<void> {
    const { conversation } = this.model;
    if (conversation !== null) {
      const { panel } = conversation;
      const last = panel.content.widgets.filter(({ model }) => turnOf(model.sharedModel) === turn);
      await this.sendBelow(panel, last.at(-1) ?? null, { words });
    }
  }

  /** Go on from an action that ran; the steps behind it are set aside. */
  async continueFrom(cellId: string): Promise<void> {
    const { conversation } = this.model;
    const cell = this.cell(cellId);
    if (conversation !== null && cell !== null) {
      await continueFrom(conversation.panel, conversation.turns, cell, this.executor);
    }
  }

  removeTurn(turn: string): void {
    const { conversation } = this.model;
    if (conversation !== null) {
      removeTurn(conversation.panel.context.model.sharedModel, turn);
    }
  }

  tidyTurn(turn: string): void {
    const { conversation } = this.model;
    if (conversation !== null) {
      tidyTurn(conversation.panel.context.model.sharedModel, turn);
    }
  }

  private cell(cellId: string): Cell | null {
    const { conversation } = this.model;
    if (conversation === null) {
      return null;
    }
    const { content, context } = conversation.panel;
    return findCell(context.model.sharedModel, cellId) === null
      ? null
      : (content.widgets.find(({ model }) => model.id === cellId) ?? null);
  }
}

/** A new cell of the user's, as one undo step. */
function insert(panel: NotebookPanel, source: string, place: number): Cell | null {
  const notebook = panel.context.model.sharedModel;
  let id = '';
  new UndoGroups(notebook).apart(() => {
    id = notebook
      .insertCell(place, { cell_type: 'code', source, metadata: { trusted: true } })
      .getId();
  });
  return panel.content.widgets.find(({ model }) => model.id === id) ?? null;
}

/** Run a cell so that others hear of it as of any that the user runs. */
async function run(panel: NotebookPanel, cell: Cell): Promise<void> {
  if (!isInSight(panel, cell)) {
    bringIntoSight(panel, cell);
  }
  await NotebookActions.runCells(panel.content, [cell], panel.sessionContext);
}

/** The cell that a message becomes. */
export function promptOf({ words, auto = false, fresh = false }: IMessage): string {
  const flags = `${auto ? ' --auto' : ''}${fresh ? ' --new' : ''}`;
  return `%%codeact${flags}\n${words}`;
}
