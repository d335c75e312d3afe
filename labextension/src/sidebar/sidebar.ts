/** The tab of the chat, which is empty until the user opens it for the first time. */
import type { Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';

import { element } from '../dom';
import type { Chat, IChatParts } from './chat';
import { chatIcon } from './icon';

export class Sidebar extends Panel {
  #parts: IChatParts;
  #chat: Promise<Chat> | null = null;

  constructor(parts: IChatParts) {
    super();
    this.#parts = parts;
    this.id = 'codeact-sidebar';
    this.addClass('codeact-Sidebar');
    this.title.caption = parts.trans.__('CodeAct');
    this.title.icon = chatIcon;
  }

  /** The chat, once it is there. */
  chat(): Promise<Chat> {
    this.#chat ??= this.#load();
    return this.#chat;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.chat().then(({ model }) => {
      model.visible = this.isVisible;
    });
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    void this.#chat?.then(({ model }) => {
      model.visible = this.isVisible;
    });
  }

  async #load(): Promise<Chat> {
    try {
      const { Chat } = await import('./chat');
      const chat = new Chat(this.#parts);
      this.addWidget(chat.view);
      return chat;
    } catch (fault) {
      // as where the package was upgraded under an open page
      const lost = this.#parts.trans.__('The chat could not be loaded. Reload the page.');
      this.addWidget(new Widget({ node: element('p', 'codeact-Sidebar-trouble', lost) }));
      throw fault;
    }
  }
}
