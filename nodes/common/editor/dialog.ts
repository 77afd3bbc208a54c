import { topicSearch } from './completion';

const textTypes = ['str', 'msg', 'flow', 'global', 'env'];

/** The fields of an open edit dialog. Their ids consist of `prefix` and the name of the property. */
export class Dialog {
  readonly #prefix: string;

  constructor(prefix: 'node-input' | 'node-config-input' = 'node-input') {
    this.#prefix = prefix;
  }

  field(name: string): JQuery {
    return $(`#${this.#prefix}-${name}`);
  }

  value(name: string): string {
    return String(this.field(name).val() ?? '');
  }

  isChecked(name: string): boolean {
    return this.field(name).prop('checked') === true;
  }

  /** Calls `update` now, and again whenever one of the fields changes. */
  follow(names: string[], update: () => void): void {
    for (const name of names) this.field(name).on('change input', update);
    update();
  }

  /** Shows or hides rows depending on the values of some fields. */
  showWhen(rows: string, names: string[], isShown: () => boolean): void {
    this.follow(names, () => $(rows).toggle(isShown()));
  }

  /**
   * Lets the user choose between a string and a reference to one. `text` customizes the string type; `more` are types of the node's
   * own.
   */
  typedInput(name: string, text: Partial<TypedInputType> = {}, more: TypedInputType[] = []): void {
    const [, ...others] = textTypes;
    const first = { value: 'str', icon: 'red/images/typedInput/az.svg', ...text };
    this.field(name).typedInput({
      default: 'str',
      types: [text.label === undefined ? 'str' : first, ...more, ...others],
      typeField: `#${this.#prefix}-${name}Type`,
    });
  }

  /** Suggests topics of the broker selected in this dialog, using its deployed configuration. */
  topicSearch(): CompletionSearch {
    return topicSearch(
      () => this.value('broker'),
      async (id) => {
        const { topics } = await $.getJSON(`kafka-frame-broker/${encodeURIComponent(id)}/topics`);
        return topics;
      },
    );
  }
}

/** A property's value in the node's edit dialog if that is open, otherwise in the node. */
export function currentValue(node: EditorNode, name: string): unknown {
  const isOpen = RED.editor.getEditStack().some(({ id }) => id === node.id);
  const entered = isOpen ? new Dialog().field(name).val() : undefined;
  return entered ?? node[name];
}
