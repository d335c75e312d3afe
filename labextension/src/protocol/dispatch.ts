/** Hands each message of the kernel to the one who carries it out. */
import { assertNever } from './assertNever';
import type {
  CellFinish,
  CellMark,
  CellOutputs,
  CellPlace,
  CellRemove,
  CellRun,
  CellText,
  KernelRequest,
  NotebookNews,
  NotebookRead,
  Ping,
  Reply,
  TurnCard,
  TurnEnded,
  TurnRuns,
  TurnStarted,
  Welcome
} from './messages';

/** What a reply says; what is left out says nothing. */
export type Answer = Partial<Omit<Reply, 'kind' | 'to'>>;

/** A request is answered now, or when something that does not wait for a cell is done. */
export type Answering = Answer | Promise<Answer>;

/** What the kernel does not wait for, so that it need not read the reply before it runs a cell. */
export const NOT_AWAITED: ReadonlySet<KernelRequest['kind']> = new Set([
  'cell.place',
  'cell.finish',
  'cell.mark',
  'cell.outputs',
  'cell.remove'
]);

/** How much later that is replied to, in ms. */
export const LATER = 50;

/** Carries out what the kernel asks. A method that throws is answered with `failed`. */
export interface IKernelHandlers {
  welcome(message: Welcome): void;
  turnCard(message: TurnCard): void;
  turnRuns(message: TurnRuns): void;
  cellText(message: CellText): void;
  turnStarted(message: TurnStarted): Answering;
  cellPlace(message: CellPlace): Answering;
  cellFinish(message: CellFinish): Answering;
  cellRun(message: CellRun): Answering;
  cellMark(message: CellMark): Answering;
  cellOutputs(message: CellOutputs): Answering;
  cellRemove(message: CellRemove): Answering;
  notebookRead(message: NotebookRead): Answering;
  notebookNews(message: NotebookNews): Answering;
  turnEnded(message: TurnEnded): Answering;
}

/** Hand on what needs no reply. */
export function tell(handlers: IKernelHandlers, message: TurnCard | TurnRuns | CellText): void {
  switch (message.kind) {
    case 'turn.card':
      handlers.turnCard(message);
      break;
    case 'turn.runs':
      handlers.turnRuns(message);
      break;
    case 'cell.text':
      handlers.cellText(message);
      break;
    default:
      assertNever(message);
  }
}

/** The answer to a request of the kernel. */
export function answer(
  handlers: IKernelHandlers,
  message: Exclude<KernelRequest, Ping>
): Answering {
  switch (message.kind) {
    case 'turn.started':
      return handlers.turnStarted(message);
    case 'cell.place':
      return handlers.cellPlace(message);
    case 'cell.finish':
      return handlers.cellFinish(message);
    case 'cell.run':
      return handlers.cellRun(message);
    case 'cell.mark':
      return handlers.cellMark(message);
    case 'cell.outputs':
      return handlers.cellOutputs(message);
    case 'cell.remove':
      return handlers.cellRemove(message);
    case 'notebook.read':
      return handlers.notebookRead(message);
    case 'notebook.news':
      return handlers.notebookNews(message);
    case 'turn.ended':
      return handlers.turnEnded(message);
    default:
      return assertNever(message);
  }
}

/** The whole reply; every field is written, as the kernel's shapes are closed. */
export function replyTo(id: number, said: Answer): Reply {
  return {
    kind: 'reply',
    to: id,
    error: said.error ?? null,
    text: said.text ?? '',
    fingerprint: said.fingerprint ?? null,
    cells: said.cells ?? null,
    left_out: said.left_out ?? 0,
    hidden: said.hidden ?? [],
    changes: said.changes ?? null
  };
}
