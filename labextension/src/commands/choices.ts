/** The settings as they will stand once all that was chosen has been saved. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { JSONObject, JSONValue } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';

import { chosen, type ISettingSource } from './chosen';

/** A choice that the registry does not show yet. */
interface IChoice {
  readonly value: JSONValue;
  /** What the registry showed in its place when it had been saved. */
  readonly shown?: JSONValue;
}

/**
 * Saves one choice after the other, and counts each at once.
 *
 * The registry writes the file as a whole and then reads it again, through a fetch that it
 * throttles: what it reads may be of the time before. So a choice stands here until the registry
 * shows it, or something newer, and goes with the next one that is saved.
 */
export class Choices {
  constructor(
    private readonly registry: Pick<ISettingRegistry, 'set'>,
    private readonly plugin: string
  ) {}

  /** What the registry holds, once it is loaded. */
  source: ISettingSource | null = null;

  values(): JSONObject {
    this.settle();
    return chosen({ get: name => this.look(name) });
  }

  /** Resolves once it is saved; one that cannot be saved counts no more. */
  async choose(name: string, value: JSONValue): Promise<void> {
    const choice: IChoice = { value };
    this.pending.set(name, choice);
    this.earlier = this.earlier.then(() => this.save());
    await this.earlier;
    if (this.faults.has(choice)) {
      throw this.faults.get(choice);
    }
  }

  private async save(): Promise<void> {
    this.settle();
    const sent = [...this.pending];
    for (const [name, choice] of sent) {
      try {
        await this.registry.set(this.plugin, name, choice.value);
      } catch (fault) {
        this.faults.set(choice, fault);
        this.replace(name, choice, null);
      }
    }
    for (const [name, choice] of sent) {
      this.replace(name, choice, { value: choice.value, shown: this.shown(name) });
    }
    this.settle();
  }

  /** Unless something else was chosen meanwhile. */
  private replace(name: string, choice: IChoice, next: IChoice | null): void {
    if (this.pending.get(name) !== choice) {
      return;
    }
    if (next === null) {
      this.pending.delete(name);
    } else {
      this.pending.set(name, next);
    }
  }

  /** What the registry shows by now is pending no more, nor what was changed there since. */
  private settle(): void {
    for (const [name, { value, shown }] of [...this.pending]) {
      const now = this.shown(name);
      const isSaved = shown !== undefined;
      if (isSaved && (JSONExt.deepEqual(now, value) || !JSONExt.deepEqual(now, shown))) {
        this.pending.delete(name);
      }
    }
  }

  private shown(name: string): JSONValue {
    return (this.source?.get(name).user ?? null) as JSONValue;
  }

  private look(name: string): ReturnType<ISettingSource['get']> {
    const choice = this.pending.get(name);
    return choice === undefined
      ? (this.source?.get(name) ?? { composite: undefined, user: undefined })
      : { composite: choice.value, user: choice.value };
  }

  private readonly pending = new Map<string, IChoice>();
  /** Why a choice could not be saved. */
  private readonly faults = new WeakMap<IChoice, unknown>();
  /** The last save that was begun; never rejects. */
  private earlier: Promise<unknown> = Promise.resolve();
}
