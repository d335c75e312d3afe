/**
 * The chat with all that it needs, loaded when the user opens it for the first time: a page in
 * which nobody does is not to load it (`sidebar.ts` waits for that).
 */
import '../../style/chat.css';

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookCellExecutor, INotebookTracker } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IUserSettings } from '../commands/settings';
import type { Variables } from '../protocol/messages';
import type { ITurns } from '../tokens';
import { KernelQuestions } from './asking';
import { SidebarDeeds } from './deeds';
import { SidebarModel } from './model';
import { ChatView } from './panel';
import type { ISidebarServices } from './services';
import { Targets } from './targets';

/** What the application gives. */
export interface IChatParts {
  readonly app: JupyterFrontEnd;
  readonly turns: ITurns;
  readonly tracker: INotebookTracker;
  readonly executor: INotebookCellExecutor;
  readonly rendermime: IRenderMimeRegistry;
  readonly settings: IUserSettings;
  readonly trans: TranslationBundle;
}

export class Chat {
  constructor({ app, turns, tracker, executor, rendermime, settings, trans }: IChatParts) {
    this.model = new SidebarModel(tracker, turns);
    this.deeds = new SidebarDeeds(this.model, executor, settings, app);
    const questions = questionsWith(settings);
    const variables = (): Promise<Variables['variables']> => variablesOf(this.model, questions);
    this.view = new ChatView({
      model: this.model,
      deeds: this.deeds,
      rendermime,
      settings,
      questions,
      trans,
      targets: new Targets(this.model, variables, app.serviceManager.contents, trans),
      draft: { words: '', auto: false, fresh: false }
    });
  }

  readonly model: SidebarModel;
  readonly deeds: SidebarDeeds;
  readonly view: ChatView;
}

/** One object for each kernel, so that what is asked at once is asked once. */
function questionsWith(settings: IUserSettings): ISidebarServices['questions'] {
  const known = new WeakMap<Kernel.IKernelConnection, KernelQuestions>();
  return kernel => {
    const found = known.get(kernel) ?? new KernelQuestions(kernel, () => settings.values());
    known.set(kernel, found);
    return found;
  };
}

async function variablesOf(
  { conversation }: SidebarModel,
  questions: ISidebarServices['questions']
): Promise<Variables['variables']> {
  const kernel = conversation?.panel.sessionContext.session?.kernel ?? null;
  const answer = kernel && (await questions(kernel).variables());
  return answer?.variables ?? [];
}
