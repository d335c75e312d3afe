/**
 * What kernel and tab say to each other. Generated from `codeact_jupyter/protocol/` by
 * `jlpm generate`; change it there.
 */

/**
 * The root of the schema: all shapes of both directions, and the answers to the sidebar.
 */
export interface Protocol {
  kernel_message:
    | Welcome
    | TurnStarted
    | TurnCard
    | TurnRuns
    | CellPlace
    | CellText
    | CellFinish
    | CellRun
    | CellMark
    | CellOutputs
    | CellRemove
    | NotebookRead
    | NotebookNews
    | TurnEnded
    | Ping
    | Done;
  tab_message: Hello | Reply | Stop | Reject | ApproveRest | Gone;
  answer: About | Models | Variables | Preview;
}
/**
 * The answer to ``hello``: our version, and the turns that are running.
 */
export interface Welcome {
  kind: 'welcome';
  version: string;
  turns: string[];
}
/**
 * A turn began. The cells of the turn ``replaces`` are set aside as a branch, once it has one.
 *
 * Attributes:
 *     keeps: Those of its steps up to this one are not: the turn goes on from there.
 */
export interface TurnStarted {
  kind: 'turn.started';
  id: number;
  prompt_id: string;
  replaces: string;
  keeps: number;
  metadata: CellMetadata;
  card: Card;
}
/**
 * What a cell of a turn keeps under ``codeact`` in the notebook's file.
 *
 * Attributes:
 *     step: From 1; of a prompt, how many steps its turn took.
 *     status: Of a prompt: ``running``, or how its turn ended
 *         (:data:`codeact_jupyter.types.EndKind`).
 *     fingerprint: SHA-256 of what the model wrote; of a prompt, of its words.
 *     edited: Whether something else than that was run.
 *     cells: Of a prompt: how many cells its turn left in the notebook.
 *     branches: Of a prompt: the cells of its earlier turns, set aside.
 *     wrote: Of an action: what the model wrote, where the user made something else of it.
 *     ran: Of an action: the fingerprint of what was run last, where that is something else.
 *     since: Of an action: whether the user ``changed`` and ran it again when its turn had
 *         gone on, or it is ``stale`` because he did so with one before it.
 *     replaces: Of a prompt: the turn whose cells go once the new one has a cell.
 *
 * The last five are the tab's own: what the kernel says of a cell leaves them as they are.
 */
export interface CellMetadata {
  version: number;
  session: string;
  turn: string;
  step: number;
  role: 'prompt' | 'thought' | 'action' | 'answer';
  status: string;
  model: string;
  seconds: number;
  tokens: number;
  fingerprint: string;
  edited: boolean;
  grade: Grade | null;
  cells: number | null;
  branches: unknown[] | null;
  wrote: string | null;
  ran: string | null;
  since: ('changed' | 'stale') | null;
  replaces: string | null;
}
/**
 * What an action would do, in words: :mod:`codeact_jupyter.policy.grades`.
 */
export interface Grade {
  kinds: string[];
  words: string;
  grave: boolean;
}
/**
 * How a turn stands, as its card shows it; also saved with the prompt's output.
 *
 * Attributes:
 *     step: The step that is thought about, written or run; 0 before the first.
 *     tokens: In both directions.
 *     tokens_in: Those sent, with those that the endpoint read from its cache.
 *     tokens_cached: The latter. Of a turn answered before only the sum is known.
 *     cost: In the endpoint's money, or null where it told none.
 *     estimated: Whether the tokens are our estimate.
 *     policy: Who approves: the user each action, or nobody.
 *     notice: One sentence about what is going on, or ``""``.
 *     ending: How the turn ended (:data:`codeact_jupyter.types.EndKind`), ``""`` before.
 *     sentence: What the end means and what to do next.
 */
export interface Card {
  version: number;
  session: string;
  turn: string;
  prompt_id: string;
  state: 'thinking' | 'writing' | 'waiting' | 'running' | 'ended';
  step: number;
  tokens: number;
  tokens_in: number;
  tokens_out: number;
  tokens_cached: number;
  cost: number | null;
  estimated: boolean;
  seconds: number;
  model: string;
  policy: 'ask' | 'auto';
  notice: string;
  ending: string;
  sentence: string;
}
/**
 * How the turn stands now.
 */
export interface TurnCard {
  kind: 'turn.card';
  card: Card;
}
/**
 * An action of the turn runs by this execute request, which another tab has sent.
 */
export interface TurnRuns {
  kind: 'turn.runs';
  turn: string;
  request: string;
}
/**
 * A new cell, behind the last cell of this turn that still exists.
 */
export interface CellPlace {
  kind: 'cell.place';
  id: number;
  prompt_id: string;
  cell_id: string;
  cell_type: 'code' | 'markdown';
  source: string;
  metadata: CellMetadata;
}
/**
 * From ``at`` on, counted in UTF-16 units, the model's text is ``text``.
 */
export interface CellText {
  kind: 'cell.text';
  cell_id: string;
  at: number;
  text: string;
}
/**
 * The model's text is ``source``, and no more will come.
 */
export interface CellFinish {
  kind: 'cell.finish';
  id: number;
  cell_id: string;
  source: string;
  metadata: CellMetadata;
}
/**
 * Run the cell. With a ``fingerprint`` only if its text is still that one.
 *
 * Attributes:
 *     finish: The cell's end, where that is told now, too: a browser may draw the page
 *         between two messages, and what is to run would wait for that.
 */
export interface CellRun {
  kind: 'cell.run';
  id: number;
  turn: string;
  cell_id: string;
  fingerprint: string | null;
  finish: CellFinish | null;
}
/**
 * What came of a cell. ``passes``: its error must not stop a later Run All.
 */
export interface CellMark {
  kind: 'cell.mark';
  id: number;
  cell_id: string;
  metadata: CellMetadata;
  passes: boolean;
}
/**
 * What an action put out, for a notebook that does not show it; in nbformat's shapes.
 */
export interface CellOutputs {
  kind: 'cell.outputs';
  id: number;
  cell_id: string;
  execution_count: number | null;
  outputs: {
    [k: string]: unknown;
  }[];
}
/**
 * Take the cell away if its text is what the model wrote, else mark it.
 */
export interface CellRemove {
  kind: 'cell.remove';
  id: number;
  cell_id: string;
  fingerprint: string;
  metadata: CellMetadata;
}
/**
 * Say what stands above the prompt, in its order; the newest are kept in the budget.
 *
 * Attributes:
 *     prompt_id: The prompt's cell, or one above which there might be one; ``""`` for one at
 *         the notebook's end.
 */
export interface NotebookRead {
  kind: 'notebook.read';
  id: number;
  prompt_id: string;
  characters: number;
}
/**
 * Say what the user edited, deleted or added since the last look, without our cells.
 */
export interface NotebookNews {
  kind: 'notebook.news';
  id: number;
  prompt_id: string;
  characters: number;
}
/**
 * The turn is over: the prompt's metadata and the last card.
 */
export interface TurnEnded {
  kind: 'turn.ended';
  id: number;
  prompt_id: string;
  metadata: CellMetadata;
  card: Card;
}
/**
 * Is the tab still there?
 */
export interface Ping {
  kind: 'ping';
  id: number;
}
/**
 * The kernel's answer to a request of the tab.
 */
export interface Done {
  kind: 'done';
  to: number;
  ok: boolean;
  text: string;
}
/**
 * A tab opened its comm: ``client`` is the session id of its requests.
 */
export interface Hello {
  kind: 'hello';
  version: string;
  client: string;
  path: string;
}
/**
 * The tab's answer to a request.
 *
 * Attributes:
 *     error: Why it was not carried out, or None.
 *     text: One sentence about that.
 *     fingerprint: Of the text that is in the cell now, where one was named.
 *     cells: For ``notebook.read``.
 *     left_out: How many cells above did not fit.
 *     hidden: For ``notebook.read``: what the notebook hides from the model, each cell by the
 *         fingerprint of its text without line ends behind it.
 *     changes: For ``notebook.news``.
 */
export interface Reply {
  kind: 'reply';
  to: number;
  error: ('gone' | 'edited' | 'stopped' | 'failed' | 'unknown') | null;
  text: string;
  fingerprint: string | null;
  cells: NotebookCell[] | null;
  left_out: number;
  hidden: string[];
  changes: NotebookChange[] | null;
}
/**
 * A cell as the model is to read it; outputs in nbformat's shapes, texts cut.
 *
 * ``turn`` is the one that it belongs to, ``""`` for a cell of the user's own.
 */
export interface NotebookCell {
  cell_id: string;
  cell_type: string;
  source: string;
  execution_count: number | null;
  outputs: {
    [k: string]: unknown;
  }[];
  turn: string;
}
/**
 * What the user did to a cell above the prompt, or of this turn.
 *
 * ``source`` is its text now, ``""`` when it was deleted.
 */
export interface NotebookChange {
  cell_id: string;
  what: 'edited' | 'deleted' | 'added';
  role: ('prompt' | 'thought' | 'action' | 'answer') | null;
  step: number | null;
  source: string;
}
/**
 * The user stopped the turn; ``""`` means the one that runs.
 */
export interface Stop {
  kind: 'stop';
  id: number;
  turn: string;
}
/**
 * The user does not want this proposal.
 *
 * Attributes:
 *     reason: His words for the model; may be empty.
 *     deed: What he did to the cell, where he said nothing.
 */
export interface Reject {
  kind: 'reject';
  id: number;
  cell_id: string;
  reason: string;
  deed: ('emptied' | 'made_markdown' | 'made_raw') | null;
}
/**
 * The user lets this proposal and all later ones of the turn run.
 */
export interface ApproveRest {
  kind: 'approve.rest';
  id: number;
  turn: string;
}
/**
 * The user deleted a proposal, a cell that was being written, or the prompt.
 */
export interface Gone {
  kind: 'gone';
  id: number;
  cell_id: string;
}
/**
 * Which model a prompt would ask now, by which settings, and whether a turn runs.
 *
 * Attributes:
 *     model: Its name, or ``""``: the only one that the endpoint lists.
 *     base_url: The endpoint's, without what may be secret in it; ``""`` for the local model.
 *     source: Where that was set.
 *     needs_key: Whether a key would be asked for, as far as the URL tells.
 *     profile: What the model is told; without a model's name it may become another one.
 */
export interface About {
  version: string;
  running: boolean;
  model: string;
  base_url: string;
  source: string;
  local: boolean;
  needs_key: boolean;
  has_key: boolean;
  profile: string;
  format: string;
  schema_only: boolean;
  max_steps: number;
  max_tokens: number;
  timeout: number;
  fault: string;
}
/**
 * The models that the endpoint lists; not yet while it is still ``asking``.
 */
export interface Models {
  asking: boolean;
  models: string[];
  fault: string;
}
/**
 * The newest variables that the model may be told of, the newest first; ``more`` are older.
 */
export interface Variables {
  variables: Variable[];
  more: number;
  fault: string;
}
/**
 * A variable of the user's; ``shape`` is how much it holds in words, or ``""``.
 */
export interface Variable {
  name: string;
  type: string;
  shape: string;
}
/**
 * The request that a prompt would send, as JSON; not yet while it is still ``asking``.
 */
export interface Preview {
  asking: boolean;
  text: string;
  fault: string;
}

export type KernelMessage = Protocol['kernel_message'];
export type TabMessage = Protocol['tab_message'];

/** What gets exactly one reply. */
export type KernelRequest = Extract<KernelMessage, { id: number }>;

/** What the kernel answers with a `Done`. */
export type TabRequest = Extract<TabMessage, { id: number }>;

export type ReplyError = NonNullable<Reply['error']>;

export const VERSION = '0.1.0.dev0';
export const COMM = 'codeact';
export const READY_COMM = 'codeact-ready';
export const CARD_MIME = 'application/vnd.codeact.turn+json';
export const METADATA_KEY = 'codeact';
