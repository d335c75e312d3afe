/** The earlier versions of a cell, to be looked at. */
import { Widget } from '@lumino/widgets';

import type { IEarlier } from '../cells/earlier';
import { element } from '../dom';

/** Shows them, one below the other, to be read and copied. */
export class EarlierView extends Widget {
  constructor(versions: readonly IEarlier[]) {
    super();
    this.addClass('codeact-Earlier');
    for (const { title, texts } of versions) {
      this.node.append(element('h3', '', title));
      for (const text of texts) {
        this.node.append(element('pre', 'codeact-Earlier-text', text));
      }
    }
  }
}
