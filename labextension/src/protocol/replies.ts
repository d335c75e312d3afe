/** What this tab replied to requests of the kernel, for those that come a second time. */
import type { Answer, Answering } from './dispatch';
import { failed } from './faults';

/** Replies that are kept. */
const MOST = 100;

export class Replies<Request extends { readonly id: number }> {
  constructor(private readonly carryOut: (request: Request) => Answering) {}

  /** The reply to this request, which is carried out where it is not known. */
  to(request: Request): Promise<Answer> {
    const known = this.replies.get(request.id);
    if (known) {
      return known;
    }
    const reply = Promise.resolve(this.carryOut(request)).catch(failed);
    this.replies.set(request.id, reply);
    const [oldest] = this.replies.keys();
    if (this.replies.size > MOST && oldest !== undefined) {
      this.replies.delete(oldest);
    }
    void reply.then(({ error }) => {
      if (error === 'gone') {
        this.replies.delete(request.id); // its cell may only not be there yet: it comes again
      }
    });
    return reply;
  }

  private readonly replies = new Map<number, Promise<Answer>>();
}
