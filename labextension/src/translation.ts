/**
 * The words of this extension in the user's language.
 *
 * JupyterLab makes cards, and cells make bars and notes; neither hands a translator on. So the
 * application's stands here, set once, before anything is shown.
 */
import { nullTranslator } from '@jupyterlab/translation';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';

const DOMAIN = 'codeact_jupyter';

export let trans: TranslationBundle = nullTranslator.load(DOMAIN);

/** Use this translator from now on. */
export function speakWith(translator: ITranslator | null): void {
  trans = (translator ?? nullTranslator).load(DOMAIN);
}
