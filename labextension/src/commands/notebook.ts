/** What the commands do in the notebook that the user is in. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { CodeCell } from '@jupyterlab/cells';
import type { INotebookCellExecutor, NotebookPanel } from '@jupyterlab/notebook';

import { ProposalBar } from '../cells/bar';
import { continueFrom, promptToContinue } from '../cells/continuing';
import { earlierOf, type IEarlier } from '../cells/earlier';
import { isCellOf, turnOf } from '../cells/metadata';
import { isProposal, proposalOf, runSeenProposal } from '../cells/proposals';
import { needlessOf, removeTurn, tidyTurn } from '../cells/tidy';
import type { INotebookTurns } from '../tokens';
import { trans } from '../translation';
import { EarlierView } from './earlier';

/** One notebook as the commands see it at this moment. */
export class CommandedNotebook {
  constructor(
    private readonly panel: NotebookPanel,
    readonly turns: INotebookTurns
  ) {}

  /** The proposal that the user is at, else the one that the running turn waits with. */
  get proposal(): CodeCell | null {
    const { activeCell } = this.panel.content;
    if (activeCell !== null && isProposal(activeCell)) {
      return activeCell;
    }
    const { running } = this.turns;
    return running && proposalOf(this.panel.content, running.id);
  }

  /** The turn that the active cell belongs to, where it is over and left cells; else null. */
  get finishedTurn(): string | null {
    const { activeCell, model } = this.panel.content;
    const turn = activeCell ? turnOf(activeCell.model.sharedModel) : '';
    if (model === null || turn === this.turns.running?.id) {
      return null;
    }
    return model.sharedModel.cells.some(cell => isCellOf(cell, turn)) ? turn : null;
  }

  /** Whether that turn has cells that tidying it would remove. */
  get isUntidy(): boolean {
    const turn = this.finishedTurn;
    const { model } = this.panel.content;
    return turn !== null && model !== null && needlessOf(model.sharedModel, turn).length > 0;
  }

  async run(executor: INotebookCellExecutor): Promise<void> {
    const { proposal } = this;
    if (proposal !== null) {
      await runSeenProposal(this.panel, proposal, executor);
    }
  }

  /** Ask for the reason in the proposal's bar; one that is far away shows none. */
  reject(): void {
    const { proposal } = this;
    const bar = proposal && ProposalBar.of(proposal);
    if (bar?.isAttached === true) {
      bar.askReason();
    } else if (proposal !== null) {
      this.turns.reject(proposal.model.id, '');
    }
  }

  /** Whether the active cell is a step from which its turn can go on. */
  get canContinue(): boolean {
    const { activeCell } = this.panel.content;
    return activeCell !== null && promptToContinue(this.panel, this.turns, activeCell) !== null;
  }

  async continueFrom(executor: INotebookCellExecutor): Promise<void> {
    const { activeCell } = this.panel.content;
    if (activeCell !== null) {
      await continueFrom(this.panel, this.turns, activeCell, executor);
    }
  }

  /** The earlier versions of the active cell. */
  get earlier(): IEarlier[] {
    const { activeCell } = this.panel.content;
    return activeCell === null ? [] : earlierOf(activeCell.model.sharedModel);
  }

  async showEarlier(): Promise<void> {
    const body = new EarlierView(this.earlier);
    await showDialog({ title: trans.__('Earlier versions'), body, buttons: [Dialog.okButton()] });
  }

  removeTurn(): void {
    this.#withTurn(removeTurn);
  }

  tidyTurn(): void {
    this.#withTurn(tidyTurn);
  }

  /** An empty prompt below the active cell, with the cursor in it: the user asked for that. */
  async newPrompt(): Promise<void> {
    const { content } = this.panel;
    const source = '%%codeact\n';
    const place = content.activeCellIndex + 1;
    content.model?.sharedModel.insertCell(place, {
      cell_type: 'code',
      source,
      metadata: { trusted: true }
    });
    content.activeCellIndex = place;
    content.deselectAll();
    const cell = content.activeCell;
    await cell?.ready;
    if (cell !== null && cell === content.activeCell) {
      content.activate();
      content.mode = 'edit';
      cell.editor?.setCursorPosition({ line: 1, column: 0 });
    }
  }

  #withTurn(act: (notebook: Parameters<typeof tidyTurn>[0], turn: string) => unknown): void {
    const turn = this.finishedTurn;
    const { model } = this.panel.content;
    if (turn !== null && model !== null) {
      act(model.sharedModel, turn);
    }
  }
}
