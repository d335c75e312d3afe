/** Collects what a message can point at: from the kernel, the notebook and its folder. */
import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { SidebarModel } from './model';
import { cellTargets, fileTargets, type ITarget, variableTargets } from './pointing';

/** The variables of a kernel, or null where it does not say. */
export type VariableSource = () => Promise<
  readonly { name: string; type: string; shape: string }[]
>;

/** How long a kernel that runs a cell is waited for, in ms; the rest is shown without. */
const PATIENCE = 1_000;

export class Targets {
  constructor(
    private readonly model: SidebarModel,
    private readonly variables: VariableSource,
    private readonly contents: Contents.IManager,
    private readonly trans: TranslationBundle
  ) {}

  /** Variables, cells and files, in this order; what cannot be had is left out. */
  async all(): Promise<ITarget[]> {
    const { conversation } = this.model;
    if (conversation === null) {
      return [];
    }
    const { content, context } = conversation.panel;
    const active = content.activeCell?.model.sharedModel ?? null;
    const later = new Promise<[]>(resolve => setTimeout(resolve, PATIENCE, []));
    const [variables, files] = await Promise.all([
      Promise.race([this.variables(), later]),
      this.files(context.path)
    ]);
    return [
      ...variableTargets(variables),
      ...cellTargets(context.model.sharedModel, active, this.trans),
      ...fileTargets(files, this.trans)
    ];
  }

  /** The files beside the notebook. */
  private async files(path: string): Promise<string[]> {
    try {
      const folder = await this.contents.get(PathExt.dirname(path));
      const inside = folder.content as readonly Contents.IModel[];
      return inside.filter(({ type }) => type !== 'directory').map(({ name }) => name);
    } catch {
      return []; // a folder that cannot be read offers none
    }
  }
}
