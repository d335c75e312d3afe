/** Notices turns that another page has begun in a notebook that pages share. */
import type { CellChange, ISharedCell, NotebookChange } from '@jupyter/ydoc';

import { savedMetadata, turnOf } from '../cells/metadata';
import type { KernelHandlers } from './handlers';
import type { INotebookPlace } from './place';
import type { TurnBook } from './turn';

/**
 * Follow what the prompts of a notebook keep, until it is closed.
 *
 * The kernel speaks of a turn to the page that asked for it. The others see its cells come, and
 * what a prompt says of itself may be by anybody: so it is only the reason to ask the kernel.
 *
 * @param ask - Called where a turn is said to run that is not known, once for each.
 */
export function followNewcomers(
  place: INotebookPlace,
  book: TurnBook,
  handlers: Pick<KernelHandlers, 'settle'>,
  ask: () => void
): void {
  const seen = new Set<string>();
  const onCell = (sender: unknown, { metadataChange }: CellChange): void => {
    const turn = metadataChange ? runningIn(sender as ISharedCell) : '';
    if (turn === '' || seen.has(turn)) {
      return;
    }
    seen.add(turn);
    // a page that begins a turn writes this first, and knows of it when that is done
    queueMicrotask(() => {
      if (place.shared && turn === book.announced) {
        handlers.settle([turn]); // as the kernel said before; one that is busy answers nothing
      } else if (place.shared && !book.knows(turn)) {
        ask();
      }
    });
  };
  const follow = (cells: readonly ISharedCell[]): void => {
    for (const cell of cells.filter(one => one.cell_type === 'code')) {
      cell.changed.connect(onCell);
    }
  };
  const onCells = (_: unknown, { cellsChange }: NotebookChange): void => {
    cellsChange?.forEach(({ insert }) => {
      follow(insert ?? []);
    });
  };
  follow(place.notebook.cells);
  place.notebook.changed.connect(onCells);
  place.disposed.connect(() => place.notebook.changed.disconnect(onCells));
}

/** The turn of this prompt, where it says that it runs; or ''. */
function runningIn(cell: ISharedCell): string {
  const saved = savedMetadata(cell);
  return saved?.role === 'prompt' && saved.status === 'running' ? turnOf(cell) : '';
}
