import type { Locator, Page } from 'playwright-core';

/** A property and the value to enter, select or check. */
export type Choice = [property: string, value: string | boolean];

/** The state of a node in the editor. */
export interface NodeState {
  valid: boolean;
  changed: boolean;
  validationErrors: string[];
  /** Whether there are changes to deploy. */
  isDirty: boolean;
}

/** An edit dialog in Node-RED's editor. Opens one at a time. */
export class EditDialog {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(nodeId: string): Promise<void> {
    await this.#page.evaluate((id) => {
      const { RED } = globalThis as unknown as { RED: EditorRed };
      const node = RED.nodes.node(id);
      if (node._def.category === 'config') RED.editor.editConfig('', node.type, id);
      else RED.editor.edit(node);
    }, nodeId);
    await this.#button('ok').waitFor();
  }

  /** `cancel` discards all changes. */
  async close(button: 'ok' | 'cancel'): Promise<void> {
    await this.#button(button).click();
    await this.#page.waitForFunction('document.querySelectorAll(".red-ui-tray").length === 0');
  }

  /** Closes the dialog if a failed test left it open. */
  async reset(): Promise<void> {
    if (await this.#button('cancel').isVisible()) await this.close('cancel');
  }

  field(property: string): Locator {
    return this.#page.locator(`#node-input-${property}, #node-config-input-${property}`);
  }

  /** Whether the editor marks the field as invalid. */
  async isInvalid(property: string): Promise<boolean> {
    return /\binput-error\b/.test((await this.field(property).getAttribute('class')) ?? '');
  }

  tabs(): Locator {
    return this.#page.locator('.kafka-video-form .red-ui-tab a');
  }

  /** The tabs marked as containing an invalid field. */
  invalidTabs(): Locator {
    return this.#page.locator('.kafka-video-form a.kafka-video-invalid');
  }

  /** Sets a field as a user would, switching to its tab first. */
  async choose([property, value]: Choice): Promise<void> {
    const field = this.field(property);
    const section = this.#page.locator('[data-section]', { has: field });
    if ((await section.count()) > 0) {
      const name = await section.getAttribute('data-section');
      await this.#page.locator(`.kafka-video-form a[href$="-tab-${name}"]`).click();
    }
    if (typeof value === 'boolean') return field.setChecked(value);
    const isSelect = await field.evaluate((element) => (element as { tagName: string }).tagName === 'SELECT');
    if (isSelect) await field.selectOption(value);
    else {
      await field.fill(value);
      // Triggers the change event.
      await field.blur();
    }
  }

  /** Labels and units that wrap, and anything that overflows the dialog. */
  cramped(): Promise<string[]> {
    return this.#page.evaluate(`(() => {
      const form = document.querySelector('.kafka-video-form');
      const parts = [...form.querySelectorAll('label, input, select, button, .kafka-video-unit')];
      const visible = parts.filter((part) => part.offsetParent);
      const isText = (part) => part.matches('label, .kafka-video-unit');
      const isBroken = (part) => part.getClientRects().length > 1 || part.offsetHeight > 30;
      const right = form.getBoundingClientRect().right + 1;
      return visible
        .filter((part) => (isText(part) && isBroken(part)) || part.getBoundingClientRect().right > right)
        .map((part) => part.id || part.textContent.trim());
    })()`);
  }

  stateOf(nodeId: string): Promise<NodeState> {
    return this.#page.evaluate((id) => {
      const { RED } = globalThis as unknown as { RED: EditorRed };
      const { valid, changed = false, validationErrors } = RED.nodes.node(id);
      return { valid, changed, validationErrors, isDirty: RED.nodes.dirty() };
    }, nodeId);
  }

  #button(name: 'ok' | 'cancel'): Locator {
    return this.#page.locator(`#node-dialog-${name}, #node-config-dialog-${name}`);
  }
}

/** The parts of the editor API used in the page. */
interface EditorRed {
  nodes: {
    node(id: string): {
      type: string;
      valid: boolean;
      changed?: boolean;
      validationErrors: string[];
      _def: { category: string };
    };
    dirty(): boolean;
  };
  editor: { edit(node: object): void; editConfig(name: string, type: string, id: string): void };
}
